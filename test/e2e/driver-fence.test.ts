import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { configSchema } from '../../blueprints/local-process/config.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { waitUntil } from '../../src/host/polling.ts';
import { findNativeTool } from '../../src/native-tools.ts';
import type { StackId } from '../../src/stacks/blueprint.ts';
import type { StackInput } from '../../src/stacks/driver.ts';
import { listBlueprintModules } from '../../src/stacks/pulumi/blueprint-modules.ts';
import { OperationFolder, type OperationSpec } from '../../src/stacks/pulumi/operation/operation-folder.ts';
import type { Outcome } from '../../src/stacks/pulumi/operation/outcome.ts';
import { RunnerProcess } from '../../src/stacks/pulumi/runner/runner-process.ts';
import type { RunnerSettings } from '../../src/stacks/pulumi/runner/settings.ts';
import { openState } from '../../src/stacks/pulumi/state/open.ts';
import type { StateStore } from '../../src/stacks/pulumi/state/state-store.ts';
import { describeWithPostgres } from '../postgres/with-postgres.ts';
import { ANSWERS_PID, nodeConfig, uninterrupted, Workbench } from '../stacks/workbench.ts';

const ID: StackId = { project: 'test', stack: 'web-test-r1' };
const REFUSED = /web-test-r1 was taken over by another worker while this one stood still/;

/** Numbers of claims go by the clock, in milliseconds; these are of next year. */
const LATER = Date.now() + 365 * 86_400_000;

/** The engine tries for half a minute to write what the state refuses. */
const PATIENCE_MS = 180_000;

describeWithPostgres('an engine that has lost its stack', (cluster) => {
  let bench: Workbench;
  let settings: RunnerSettings;
  let store: StateStore;

  beforeEach(async () => {
    const state = { kind: 'postgres' as const, url: await cluster().createDatabase() };
    bench = await Workbench.open({ state });
    const { dataDir } = bench;
    settings = {
      ...{ dataDir, state, home: join(dataDir, 'pulumi'), passphraseFile: join(dataDir, 'passphrase') },
      ...{ pulumiPath: findNativeTool('pulumi'), blueprints: listBlueprintModules(), cacheDir: join(dataDir, 'cache') },
      ...{ stopGraceMs: 30_000, idleMs: PATIENCE_MS, stepMs: PATIENCE_MS },
    };
    ({ store } = await openState(settings));
  });
  afterEach(async () => {
    await store.close();
    // Of numbers higher than any claim's.
    await cluster().query('delete from supplant_state.fences', urlOf(settings));
    await bench.close();
  });

  /** Has a runner begin one operation under a number, as a worker does. */
  async function begin(operation: OperationSpec['operation'], input: StackInput, token: number) {
    const folder = await OperationFolder.create(join(bench.dataDir, 'begun', randomUUID()), {
      ...{ v: 1, operation, id: ID, input, token },
      config: configSchema.parse(input.blueprint.config) as unknown as JsonObject,
    });
    const runner = await RunnerProcess.start(settings, bench.dataDir);
    const ended = runner.carryOut(folder.path).then(async () => {
      const outcome = await folder.outcome();
      await runner.end();
      return outcome;
    });
    return { folder, runner, ended };
  }

  async function run(...operation: Parameters<typeof begin>): Promise<Outcome | undefined> {
    return (await begin(...operation)).ended;
  }

  /** All that the state has of the stack. */
  async function readRecords(): Promise<object[]> {
    const [url, like] = [settings.state.kind === 'postgres' ? settings.state.url : '', `%/${ID.project}/${ID.stack}%`];
    return cluster().query(
      `select key, data from supplant_state.pulumi_state where key like '${like}' order by key`,
      url,
    );
  }

  it('cannot begin on it, and changes nothing; one that has it can', async () => {
    const input = await bench.input(1, nodeConfig(ANSWERS_PID));
    await bench.driver.provision(input, uninterrupted());
    // What the worker's own claim has is lower.
    await store.fence?.(ID, LATER + 5);
    const before = await readRecords();
    await store.fence?.(ID, LATER + 6);
    const outcome = await run('destroy', input, LATER + 5);
    assert.match(JSON.stringify(outcome), REFUSED);
    assert.deepEqual(await readRecords(), before);
    assert.ok('plan' in ((await run('destroy', input, LATER + 6)) ?? {}));
    assert.deepEqual((await store.read(ID))?.resources, []);
  });

  it('cannot record what it goes on with after it stood still, with its whole machine', async function () {
    this.timeout(2 * PATIENCE_MS);
    const flag = join(bench.dataDir, 'may-listen');
    const waits = `const wait = () => require('fs').existsSync(${JSON.stringify(flag)}) ? 0 : setTimeout(wait, 20);
      const listen = () => require('fs').existsSync(${JSON.stringify(flag)}) ? (${ANSWERS_PID}) : setTimeout(listen, 20); listen();`;
    const input = await bench.input(1, nodeConfig(waits, { startTimeout: '2m' }));
    await store.initialise(ID);
    await store.fence?.(ID, LATER + 5);
    const begun = await begin('up', input, LATER + 5);
    const isMaking = async (): Promise<boolean> =>
      ((await store.read(ID))?.pending ?? []).some(({ urn }) => urn.includes('Process'));
    assert.ok(await waitUntil(60_000, isMaking));
    const engine = await begun.folder.settleEngine();
    const machine = [engine?.pid, begun.runner.identity.pid].filter((pid) => pid !== undefined);
    for (const pid of machine) process.kill(pid, 'SIGSTOP');
    await store.fence?.(ID, LATER + 6);
    const before = (await readRecords()).filter((record) => !JSON.stringify(record).includes('locks/'));
    await writeFile(flag, '');
    for (const pid of machine) process.kill(pid, 'SIGCONT');
    const outcome = await begun.ended;
    assert.match(JSON.stringify(outcome), REFUSED);
    assert.deepEqual(await readRecords(), before);
  });
});

function urlOf({ state }: RunnerSettings): string {
  return state.kind === 'postgres' ? state.url : '';
}
