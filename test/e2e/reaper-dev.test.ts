import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { locateVariant } from '../../src/domain/experiment/experiment.ts';
import { experimentIds } from '../../src/domain/experiment/run.ts';
import { findFreePort } from '../../src/dev/ports.ts';
import { reaperIds } from '../../src/domain/reaper/ids.ts';
import { formatStackName } from '../../src/domain/service/revision.ts';
import { type Store, openStore } from '../../src/store/store.ts';
import type { StackDriver } from '../../src/stacks/driver.ts';
import { ANSWERS_PID, nodeConfig, openDriver, uninterrupted } from '../stacks/workbench.ts';
import { Platform, change, command, spec } from './platform.ts';

const FAULTY = join(import.meta.dirname, '../doubles/faulty-blueprint/index.ts');

describe('the reaper of `supplant dev`', () => {
  let platform: Platform;
  let store: Store;
  let driver: StackDriver;
  before(async () => {
    const env = { SUPPLANT_REAPER_EVERY: '1s', SUPPLANT_REAPER_GRACE: '2s' };
    platform = await Platform.start({ anyPorts: true, env, args: ['--blueprint', FAULTY] });
    store = await openStore(platform.folder.store);
    driver = await openDriver(platform.folder.stacks, {
      ...{ store: platform.folder.store, blueprints: [FAULTY], supervise: false },
    });
  });
  after(async () => {
    await (driver as StackDriver | undefined)?.close();
    await (store as Store | undefined)?.close();
    await (platform as Platform | undefined)?.dispose();
  });

  it('destroys what nobody owns although its worker is killed meanwhile, and touches no service', async () => {
    const { client } = platform;
    for (const name of ['one', 'two']) {
      const { rollout } = await client.apply(spec('kept', command(name)), change());
      const service = { name: 'kept', environment: 'test' };
      assert.equal((await client.waitForRollout(service, rollout)).outcome, 'succeeded');
    }
    const kept = (await platform.pids()).toSorted((a, b) => a - b);

    // As an experiment's workflow leaves it that is terminated.
    const temporal = await platform.connectTemporal();
    const experiment = { name: 'nightly', environment: 'test' };
    const workflowId = `owner-${randomUUID()}`;
    const owner = await temporal.workflow.start('experiment', { taskQueue: 'nobody', workflowId, args: [] });
    const at = new Date().toISOString();
    const deadlineAt = new Date(Date.now() + 600_000).toISOString();
    const firstRunId = owner.firstExecutionRunId;
    const start = { experiment, workflowId, firstRunId, trigger: 'person', actor: 'ada', at, deadlineAt } as const;
    const { status } = await store.experiments.runs.begin({ ...start, stacks: 1 });
    const run = { experiment, run: status.run };
    const faults = [{ on: 'delete', resource: 'p1', does: 'slow', ms: 3_000, times: 1 }];
    const config = nodeConfig(ANSWERS_PID, { faults });
    const { digest } = await driver.describe({ name: 'faulty', config }, 'command');
    const made = { artifact: 'command', blueprint: { name: 'faulty', digest, config } };
    const place = locateVariant(experiment, run.run, 'blue');
    const id = { project: 'test', stack: formatStackName(place.service, place.revision) };
    const lease = { ...id, run, variant: 'blue', workflowId, firstRunId, ...made, takenAt: at, deadlineAt };
    await store.experiments.leases.take([lease]);
    await driver.provision({ ...place, ...made }, uninterrupted());
    assert.equal((await platform.pids(id.stack)).length, 1);
    await owner.terminate('by mistake');

    const handle = temporal.workflow.getHandle(reaperIds.reap(id));
    await platform.until('it is being destroyed', async () => {
      const activities = await handle.describe().then(
        ({ raw }) => raw.pendingActivities ?? [],
        () => [],
      );
      return activities.some(({ heartbeatDetails }) => heartbeatDetails !== null);
    });
    process.kill(platform.partPid('worker'), 'SIGKILL');
    await platform.until('its run is lost', async () => {
      const found = await store.experiments.runs.find(run);
      return found?.status.outcome === 'lost';
    });
    assert.deepEqual(await platform.pids(id.stack), []);
    assert.deepEqual(await store.experiments.leases.list(), []);
    assert.deepEqual(
      (await platform.pids()).toSorted((a, b) => a - b),
      kept,
    );
    const look = await store.reaper.look();
    assert.deepEqual(
      look?.findings.map(({ stack, verdict }) => `${stack} ${verdict}`).filter((each) => each.startsWith('kept')),
      ['kept-test-r1 owned', 'kept-test-r2 owned'],
    );
    await temporal.connection.close();
  });

  it('clears up after an experiment whose run somebody terminates: stacks, leases, addresses', async () => {
    const experiment = { name: 'ended', environment: 'test' };
    const port = await findFreePort(0);
    const [check] = spec('ended', command('one')).checks;
    await store.experiments.experiments.save({
      experiment,
      variants: [
        { name: 'blue', source: { kind: 'release', artifact: 'command', blueprint: command('blue') } },
        { name: 'green', source: { kind: 'release', artifact: 'command', blueprint: command('green') } },
      ],
      probes: [{ kind: 'check', name: 'answers', check: check! }],
      ...{ ttlMs: 600_000, stay: 'until-ttl', overlap: 'skip', budget: {}, keepMs: 600_000 },
      addresses: { blue: port },
    });
    const workflowId = experimentIds.requested(experiment, randomUUID());
    const at = new Date().toISOString();
    const deadlineAt = new Date(Date.now() + 600_000).toISOString();
    const begun = { trigger: 'person', actor: 'ada', at, deadlineAt, stacks: 2 } as const;
    const { status } = await store.experiments.runs.begin({ experiment, workflowId, ...begun });
    const run = { experiment, run: status.run };
    const temporal = await platform.connectTemporal();
    const args = [{ v: 1, experiment }];
    await temporal.workflow.start('experiment', { workflowId, taskQueue: 'supplant', args });
    await platform.until('its stacks stay', async () => {
      const found = await store.experiments.runs.find(run);
      return found?.status.phase === 'hold';
    });
    const url = `http://127.0.0.1:${port}`;
    assert.equal(await (await fetch(url)).text(), 'blue');
    await temporal.workflow.getHandle(workflowId).terminate('by mistake');
    await platform.until('its run is lost', async () => {
      const found = await store.experiments.runs.find(run);
      return found?.status.outcome === 'lost';
    });
    const left = (await driver.list()).filter(({ stack }) => stack.startsWith('ended--'));
    assert.deepEqual(left, []);
    assert.deepEqual(await store.experiments.leases.list(run), []);
    await assert.rejects(fetch(url), 'the router still leads somewhere');
    const { variants, phases } = (await store.experiments.runs.find(run))!.status;
    assert.deepEqual(
      variants.map(({ state, endpoints }) => [state, endpoints.length]),
      [
        ['gone', 0],
        ['gone', 0],
      ],
    );
    assert.ok(phases.every(({ state }) => state !== 'running' && state !== 'pending'));
    const events = await store.audit.list({ rollout: 'ended/test@1' });
    assert.deepEqual(
      ['reaper.condemned', 'reaper.reaped', 'lease.released', 'run.ended'].map(
        (type) => events.filter((event) => event.type === type).length,
      ),
      [2, 2, 2, 1],
    );
    assert.equal((await platform.client.verifyAudit()).ok, true);
    await temporal.connection.close();
  });
});
