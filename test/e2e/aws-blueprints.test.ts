import assert from 'node:assert/strict';
import { waitUntil } from '../../src/host/polling.ts';
import { StackError, type StackInput } from '../../src/stacks/driver.ts';
import { describeWithAws } from '../doubles/aws/with-aws.ts';
import { AwsBench, type AwsStackSpec } from '../stacks/aws-bench.ts';
import { assertAllowed } from '../stacks/aws-policy.ts';
import { leftovers } from '../stacks/leftovers.ts';
import { uninterrupted } from '../stacks/workbench.ts';

const IMAGE = `registry.example/web@sha256:${'a'.repeat(64)}`;

/** Each blueprint of revisions, with what its stacks are made of. */
const REVISIONS: (AwsStackSpec & { types: string[] })[] = [
  {
    blueprint: 'aws-asg',
    artifact: 'ami-12c6146b',
    types: [
      'autoscaling/group:Group',
      'ec2/launchTemplate:LaunchTemplate',
      'lb/listenerRule:ListenerRule',
      'lb/targetGroup:TargetGroup',
    ],
  },
  {
    blueprint: 'aws-ecs',
    artifact: IMAGE,
    config: { env: { GREETING: 'hello' } },
    types: [
      'ecs/service:Service',
      'ecs/taskDefinition:TaskDefinition',
      'lb/listenerRule:ListenerRule',
      'lb/targetGroup:TargetGroup',
    ],
  },
  {
    blueprint: 'aws-lambda',
    artifact: IMAGE,
    config: { env: { GREETING: 'hello' } },
    types: [
      ...['lambda/function:Function', 'lambda/permission:Permission', 'lb/listenerRule:ListenerRule'],
      ...['lb/targetGroup:TargetGroup', 'lb/targetGroupAttachment:TargetGroupAttachment'],
    ],
  },
];

describeWithAws('the AWS blueprints', (emulators) => {
  let bench: AwsBench;
  /** Whether the answer to a create is kept back; what was made then. */
  let keepBack = false;
  const keptBack = new Set<string>();
  let isKept: () => void = () => undefined;

  const made = async (type: string, name: string): Promise<void> => {
    const key = `${type} ${name}`;
    if (!keepBack || keptBack.has(key)) return;
    keptBack.add(key);
    isKept();
    // The engine that waits for it is about to die.
    await new Promise(() => undefined);
  };

  beforeEach(async () => {
    keepBack = false;
    keptBack.clear();
    bench = await AwsBench.open(emulators(), { made });
  });
  afterEach(async () => {
    await bench.close();
    const { engines } = await leftovers(bench.bench.dataDir).catch(() => ({ engines: [] }));
    assert.deepEqual(engines, []);
  });

  const driver = () => bench.bench.driver;

  /** Provisions, again and again, while the engine is killed whenever something was made and it does not know it yet. */
  async function provisionKilled(input: StackInput): Promise<number> {
    keepBack = true;
    let kills = 0;
    for (;;) {
      let isOver = false;
      let seen = keptBack.size;
      const provisioned = driver()
        .provision(input, uninterrupted())
        .then(
          () => true,
          (error: unknown) => {
            // A create that AWS got to late may be refused as a second one; the next attempt finds the first.
            assert.ok(error instanceof StackError && error.retryable, String(error));
            return false;
          },
        )
        .finally(() => (isOver = true));
      await waitUntil(120_000, async () => {
        if (isOver || keptBack.size === seen) return isOver;
        const { engines } = await leftovers(bench.bench.dataDir);
        if (engines.length === 0) return false;
        seen = keptBack.size;
        kills += 1;
        for (const pid of engines) process.kill(pid, 'SIGKILL');
        return false;
      });
      if (await provisioned) return kills;
    }
  }

  for (const { types, ...spec } of REVISIONS) {
    it(`${spec.blueprint}: makes a stack, finds it as it was made, and leaves nothing`, async () => {
      const environment = await bench.environment();
      await driver().provision(environment, uninterrupted());
      const before = await bench.left();
      bench.aws.front.calls.length = 0;
      const input = await bench.input(spec);
      const { endpoints, notes } = await driver().provision(input, uninterrupted());
      const [endpoint] = endpoints;
      assert.match(endpoint?.attributes?.targetGroupArn ?? '', /:targetgroup\/web-test-[0-9a-f]{6}-r1\//);
      assert.match(notes.name as string, /^web-test-[0-9a-f]{6}-r1$/);
      assert.deepEqual((await driver().refresh(input, uninterrupted())).lines, []);
      const calls = [...bench.aws.front.calls];
      const found = await driver().list();
      assert.deepEqual(found.map(({ stack }) => stack).sort(), ['environment-test-r0', 'web-test-r1']);
      bench.aws.front.calls.length = 0;
      await driver().destroy(input, uninterrupted());
      await assertAllowed(spec.blueprint, [...calls, ...bench.aws.front.calls]);
      assert.deepEqual(await bench.left(), before);
      await driver().destroy(environment, uninterrupted());
      assert.deepEqual(await bench.left(), []);
    });

    it(`${spec.blueprint}: makes nothing twice and loses nothing, whatever it is killed in`, async () => {
      const environment = await bench.environment();
      await driver().provision(environment, uninterrupted());
      const before = await bench.left();
      const input = await bench.input(spec);
      bench.aws.front.calls.length = 0;
      assert.ok((await provisionKilled(input)) >= 2);
      const calls = [...bench.aws.front.calls];
      // Each type was made once without the engine's learning of it.
      assert.deepEqual([...keptBack].map((key) => key.replace(/^aws:| .*/g, '')).sort(), types);
      const made = (await bench.left()).filter((each) => !before.includes(each));
      assert.equal(new Set(made).size, made.length);
      assert.deepEqual((await driver().refresh(input, uninterrupted())).lines, []);
      bench.aws.front.calls.length = 0;
      await driver().destroy(input, uninterrupted());
      await assertAllowed(spec.blueprint, [...calls, ...bench.aws.front.calls]);
      assert.deepEqual(await bench.left(), before);
      await driver().destroy(environment, uninterrupted());
    });

    it(`${spec.blueprint}: takes away what was made when nobody wants it any more`, async () => {
      const environment = await bench.environment();
      await driver().provision(environment, uninterrupted());
      const before = await bench.left();
      const input = await bench.input(spec);
      keepBack = true;
      const kept = new Promise<void>((resolve) => (isKept = resolve));
      const provisioned = driver().provision(input, uninterrupted());
      await Promise.race([kept, provisioned]);
      const { engines } = await leftovers(bench.bench.dataDir);
      for (const pid of engines) process.kill(pid, 'SIGKILL');
      await assert.rejects(provisioned, /the engine/);
      bench.aws.front.calls.length = 0;
      await driver().destroy(input, uninterrupted());
      await assertAllowed(spec.blueprint, bench.aws.front.calls);
      assert.deepEqual(await bench.left(), before);
      await driver().destroy(environment, uninterrupted());
    });
  }

  it('aws-environment: is made once, whatever it is killed in, and goes', async () => {
    const environment = await bench.environment();
    assert.ok((await provisionKilled(environment)) >= 3);
    const calls = [...bench.aws.front.calls];
    const made = await bench.left();
    assert.equal(new Set(made).size, made.length);
    assert.equal(made.filter((each) => each.startsWith('VPC')).length, 1);
    assert.deepEqual((await driver().refresh(environment, uninterrupted())).lines, []);
    bench.aws.front.calls.length = 0;
    await driver().destroy(environment, uninterrupted());
    await assertAllowed('aws-environment', [...calls, ...bench.aws.front.calls]);
    assert.deepEqual(await bench.left(), []);
  });

  it('aws-environment: nothing of it can be destroyed while it is protected', async () => {
    const environment = await bench.environment({ protect: true });
    await driver().provision(environment, uninterrupted());
    const before = await bench.left();
    await assert.rejects(driver().destroy(environment, uninterrupted()), /protect/);
    assert.deepEqual(await bench.left(), before);
  });
});
