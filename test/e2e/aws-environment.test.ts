import assert from 'node:assert/strict';
import { describeWithAws } from '../doubles/aws/with-aws.ts';
import { REGION } from '../doubles/aws/aws.ts';
import { runCommand } from '../doubles/recording-context.ts';
import { AwsBench } from '../stacks/aws-bench.ts';

interface Shown {
  name: string;
  changes: string[];
  notes?: { address: string; rules: Record<string, string> };
}

describeWithAws('supplant environment', (emulators) => {
  let bench: AwsBench;
  beforeEach(async () => (bench = await AwsBench.open(emulators())));
  afterEach(async () => bench.close());

  async function environment(
    verb: string,
    more: string[] = [],
  ): Promise<{ code: number; shown?: Shown; error: string }> {
    const file = [
      'apiVersion: supplant.dev/v1',
      'kind: Environment',
      'name: test',
      'blueprint:',
      '  name: aws-environment',
      '  config:',
      `    region: ${REGION}`,
      ...more.map((each) => `    ${each}`),
    ];
    const args = ['environment', verb, '-f', 'environment.yaml', '--data', bench.bench.dataDir, '-o', 'json'];
    const { code, stdout, stderr } = await runCommand(args, {
      readFile: async () => file.join('\n'),
      workingDirectory: bench.bench.dataDir,
      onInterrupt: () => ({ [Symbol.dispose]: () => undefined }),
    });
    return { code, error: stderr.text, ...(stdout.text === '' ? {} : { shown: JSON.parse(stdout.text) as Shown }) };
  }

  it('plans, makes, changes in place and takes away, and lets nothing go that is protected', async () => {
    const open = 'services: { web: { priority: 1 } }';
    const planned = await environment('plan', [open]);
    assert.equal(planned.code, 0, planned.error);
    assert.ok(planned.shown?.changes.some((each) => each.includes('create') && each.includes('LoadBalancer')));
    assert.deepEqual(await bench.left(), []);

    const made = await environment('apply', [open]);
    assert.equal(made.code, 0, made.error);
    assert.deepEqual(Object.keys(made.shown?.notes?.rules ?? {}), ['web']);
    const before = await bench.left();

    const both = 'services: { web: { priority: 1 }, shop: { priority: 2 } }';
    const changed = await environment('apply', [both]);
    assert.equal(changed.code, 0, changed.error);
    assert.deepEqual(Object.keys(changed.shown?.notes?.rules ?? {}).sort(), ['shop', 'web']);
    assert.equal(changed.shown?.notes?.rules.web, made.shown?.notes?.rules.web);
    assert.deepEqual(await bench.left(), before);

    const refused = await environment('destroy', [both]);
    assert.notEqual(refused.code, 0);
    assert.match(refused.error, /protect/);
    assert.deepEqual(await bench.left(), before);

    const released = await environment('apply', [both, 'protect: false']);
    assert.equal(released.code, 0, released.error);
    const gone = await environment('destroy', [both, 'protect: false']);
    assert.equal(gone.code, 0, gone.error);
    assert.deepEqual(await bench.left(), []);
  });

  it('tells all faults of its file at once', async () => {
    const { code, error } = await environment('plan', [
      'zones: 9',
      'services: { a: { priority: 1 }, b: { priority: 1 } }',
    ]);
    assert.notEqual(code, 0);
    assert.match(error, /zones/);
    assert.match(error, /priority/);
  });
});
