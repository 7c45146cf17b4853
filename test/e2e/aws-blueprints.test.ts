import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateRuleCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { buildTags, TEST_HEADER } from '../../blueprints/aws/names.ts';
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

/** What AWS has made is told to nobody, where a test wants that: the engine that waits for it is about to be killed. */
class Withholding {
  #isOn = false;
  /** What was made and not told of, by type and name. */
  readonly keptBack = new Set<string>();
  #told: () => void = () => undefined;

  /** From now on, of each thing once. The promise is for the first one. */
  begin(): Promise<void> {
    this.#isOn = true;
    this.keptBack.clear();
    return new Promise((resolve) => (this.#told = resolve));
  }

  end(): void {
    this.#isOn = false;
  }

  async made(type: string, name: string): Promise<void> {
    const key = `${type} ${name}`;
    if (!this.#isOn || this.keptBack.has(key)) return;
    this.keptBack.add(key);
    this.#told();
    await new Promise(() => undefined);
  }
}

async function killEngines({ bench }: AwsBench): Promise<number> {
  const { engines } = await leftovers(bench.dataDir);
  return engines.filter(killIfThere).length;
}

/** It may have ended since it was found. */
function killIfThere(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** Provisions, again and again, while the engine is killed whenever something was made and it does not know it yet. */
async function provisionKilled(bench: AwsBench, withholding: Withholding, input: StackInput): Promise<number> {
  void withholding.begin();
  const { keptBack } = withholding;
  let kills = 0;
  for (;;) {
    let isOver = false;
    let seen = keptBack.size;
    const provisioned = bench.bench.driver
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
      const before = keptBack.size;
      if ((await killEngines(bench)) === 0) return false;
      seen = before;
      kills += 1;
      return false;
    });
    if (await provisioned) break;
  }
  withholding.end();
  return kills;
}

/** The files under a folder that have a text in them, as it is or in base64. */
async function findText(folder: string, wanted: string): Promise<string[]> {
  const forms = [wanted, Buffer.from(wanted).toString('base64').slice(0, -4)];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const contents = await Promise.all(files.map(async (file) => [file, await readFile(file, 'utf8')] as const));
  return contents.filter(([, content]) => forms.some((form) => content.includes(form))).map(([file]) => file);
}

async function assertNoEngines({ bench }: AwsBench): Promise<void> {
  const { engines } = await leftovers(bench.dataDir).catch(() => ({ engines: [] }));
  assert.deepEqual(engines, []);
}

describeWithAws('the AWS blueprints of revisions', (emulators) => {
  const withholding = new Withholding();
  let bench: AwsBench;
  let environment: StackInput;
  /** What is in the account before a test. */
  let there: string[];
  let revision = 0;

  before(async () => {
    bench = await AwsBench.open(emulators(), { made: async (type, name) => withholding.made(type, name) });
    environment = await bench.environment();
    await driver().provision(environment, uninterrupted());
  });
  beforeEach(async () => {
    revision += 1;
    there = await bench.left();
    bench.aws.front.calls.length = 0;
  });
  afterEach(() => assertNoEngines(bench));
  after(async () => {
    await driver().destroy(environment, uninterrupted());
    const left = await bench.left();
    await bench.close();
    assert.deepEqual(left, []);
  });

  const driver = () => bench.bench.driver;

  async function assertDestroyed(input: StackInput, blueprint: string): Promise<void> {
    await driver().destroy(input, uninterrupted());
    await assertAllowed(blueprint, bench.aws.front.calls);
    assert.deepEqual(await bench.left(), there);
  }

  it('aws-lambda: hands a secret to the function, and has its value in no file of its own', async () => {
    const canary = `canary-${randomUUID()}`;
    const folder = await mkdtemp(join(tmpdir(), 'supplant-secret-'));
    await writeFile(join(folder, 'token'), canary);
    const lambda = new LambdaClient(bench.aws.client);
    try {
      const config = { env: { TOKEN: { secret: `file:${join(folder, 'token')}` } } };
      const input = await bench.input({ blueprint: 'aws-lambda', artifact: IMAGE, config, revision });
      const { notes } = await driver().provision(input, uninterrupted());
      const asked = new GetFunctionConfigurationCommand({ FunctionName: notes.name as string });
      assert.equal((await lambda.send(asked)).Environment?.Variables?.TOKEN, canary);
      assert.deepEqual(await findText(bench.bench.dataDir, canary), []);
      await driver().destroy(input, uninterrupted());
    } finally {
      lambda.destroy();
      await rm(folder, { recursive: true });
    }
  });

  for (const action of ['CreateTargetGroup', 'CreateRule', 'CreateAutoScalingGroup']) {
    it(`aws-asg: takes over what AWS has made where its answer to ${action} was lost`, async () => {
      bench.aws.front.faults.order(action, 'lose-answer');
      const input = await bench.input({ ...REVISIONS[0]!, revision });
      await driver().provision(input, uninterrupted());
      const made = (await bench.left()).filter((each) => !there.includes(each));
      assert.equal(new Set(made).size, made.length);
      assert.deepEqual(await driver().detectDrift(input, uninterrupted()), []);
      await driver().destroy(input, uninterrupted());
      assert.deepEqual(await bench.left(), there);
    });
  }

  it('aws-asg: goes, although a rule that no state knows holds on to its target group', async () => {
    const input = await bench.input({ ...REVISIONS[0]!, revision });
    const { endpoints } = await driver().provision(input, uninterrupted());
    const { listenerArn, targetGroupArn, 'header:x-supplant-revision': name = '' } = endpoints[0]?.attributes ?? {};
    const elb = new ElasticLoadBalancingV2Client(bench.aws.client);
    const made = new CreateRuleCommand({
      ListenerArn: listenerArn,
      Priority: 39_999,
      Conditions: [{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: TEST_HEADER, Values: [name] } }],
      Actions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
      Tags: Object.entries(buildTags({ project: 'test', stack: `web-test-r${revision}` })).map(([Key, Value]) => ({
        Key,
        Value,
      })),
    });
    await elb.send(made);
    elb.destroy();
    await driver().destroy(input, uninterrupted());
    assert.deepEqual(await bench.left(), there);
  });

  it('aws-asg: finds what somebody has changed by hand, by its name alone, and finds it no more once it is as before', async () => {
    const input = await bench.input({ ...REVISIONS[0]!, revision });
    const { endpoints } = await driver().provision(input, uninterrupted());
    const { targetGroupArn = '' } = endpoints[0]?.attributes ?? {};
    const elb = new ElasticLoadBalancingV2Client(bench.aws.client);
    try {
      const [before] = (await elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [targetGroupArn] })))
        .TargetGroups!;
      const setPath = async (HealthCheckPath = '/'): Promise<unknown> =>
        elb.send(new ModifyTargetGroupCommand({ TargetGroupArn: targetGroupArn, HealthCheckPath }));
      await setPath('/by-hand');
      const findings = await driver().detectDrift(input, uninterrupted());
      assert.deepEqual(
        findings.map(({ type, kind, properties }) => ({ type, kind, properties })),
        [{ type: 'aws:lb/targetGroup:TargetGroup', kind: 'changed', properties: ['healthCheck'] }],
      );
      assert.doesNotMatch(JSON.stringify(findings), /by-hand/);
      assert.deepEqual(await driver().detectDrift(input, uninterrupted()), findings);
      await setPath(before?.HealthCheckPath);
      assert.deepEqual(await driver().detectDrift(input, uninterrupted()), []);
    } finally {
      elb.destroy();
    }
    await driver().destroy(input, uninterrupted());
  });

  for (const { types, ...spec } of REVISIONS) {
    it(`${spec.blueprint}: makes a stack, finds it as it was made, and leaves nothing`, async () => {
      const input = await bench.input({ ...spec, revision });
      const { endpoints, notes } = await driver().provision(input, uninterrupted());
      const [endpoint] = endpoints;
      assert.match(
        endpoint?.attributes?.targetGroupArn ?? '',
        new RegExp(`:targetgroup/web-test-[0-9a-f]{6}-r${revision}/`),
      );
      assert.match(notes.name as string, new RegExp(`^web-test-[0-9a-f]{6}-r${revision}$`));
      assert.deepEqual(await driver().detectDrift(input, uninterrupted()), []);
      const calls = [...bench.aws.front.calls];
      // Looking for all that there is needs more rights than one blueprint's.
      const found = (await driver().list()).map(({ stack }) => stack);
      for (const stack of ['environment-test-r0', `web-test-r${revision}`]) assert.ok(found.includes(stack), stack);
      bench.aws.front.calls.splice(0, Infinity, ...calls);
      await assertDestroyed(input, spec.blueprint);
    });

    it(`${spec.blueprint}: makes nothing twice and loses nothing, whatever it is killed in`, async () => {
      const input = await bench.input({ ...spec, revision });
      assert.ok((await provisionKilled(bench, withholding, input)) >= 2);
      const calls = [...bench.aws.front.calls];
      // Each type was made once without the engine's learning of it.
      const kept = [...withholding.keptBack].map((key) => key.replace(/^aws:| .*/g, ''));
      assert.deepEqual(kept.sort(), types);
      const made = (await bench.left()).filter((each) => !there.includes(each));
      assert.equal(new Set(made).size, made.length);
      bench.aws.front.calls.splice(0, Infinity, ...calls);
      assert.deepEqual(await driver().detectDrift(input, uninterrupted()), []);
      await assertDestroyed(input, spec.blueprint);
    });

    it(`${spec.blueprint}: takes away what was made when nobody wants it any more`, async () => {
      const input = await bench.input({ ...spec, revision });
      const kept = withholding.begin();
      const provisioned = driver().provision(input, uninterrupted());
      await Promise.race([kept, provisioned]);
      await killEngines(bench);
      await assert.rejects(provisioned, /the engine/);
      withholding.end();
      bench.aws.front.calls.length = 0;
      await assertDestroyed(input, spec.blueprint);
    });
  }
});

describeWithAws('the AWS blueprint of environments', (emulators) => {
  const withholding = new Withholding();
  let bench: AwsBench;

  beforeEach(async () => {
    bench = await AwsBench.open(emulators(), { made: async (type, name) => withholding.made(type, name) });
  });
  afterEach(async () => {
    await bench.close();
    await assertNoEngines(bench);
  });

  const driver = () => bench.bench.driver;

  it('is made once, whatever it is killed in, and goes', async () => {
    const environment = await bench.environment();
    assert.ok((await provisionKilled(bench, withholding, environment)) >= 3);
    const calls = [...bench.aws.front.calls];
    const made = await bench.left();
    assert.equal(new Set(made).size, made.length);
    assert.equal(made.filter((each) => each.startsWith('VPC')).length, 1);
    assert.deepEqual(await driver().detectDrift(environment, uninterrupted()), []);
    bench.aws.front.calls.length = 0;
    await driver().destroy(environment, uninterrupted());
    await assertAllowed('aws-environment', [...calls, ...bench.aws.front.calls]);
    assert.deepEqual(await bench.left(), []);
  });

  it('cannot be destroyed, nothing of it, while it is protected', async () => {
    const environment = await bench.environment({ protect: true });
    await driver().provision(environment, uninterrupted());
    const before = await bench.left();
    await assert.rejects(driver().destroy(environment, uninterrupted()), /protect/);
    assert.deepEqual(await bench.left(), before);
  });
});
