import assert from 'node:assert/strict';
import { reaperIds } from '../../src/domain/reaper/ids.ts';
import { type TeardownInput, workflowIds } from '../../src/domain/service/requests.ts';
import { SEARCH_ATTRIBUTES } from '../../src/workflows/shared/search-attributes.ts';
import { revision as madeRevision, spec } from '../workflow/samples.ts';
import type { ServiceKey } from '../../src/domain/service/service.ts';
import { ReaperBench, type Stand } from './reaper-bench.ts';

describe('the reaper', () => {
  let bench: ReaperBench;
  before(async () => {
    bench = await ReaperBench.open();
    // What has never been written to is taken for another store.
    await bench.store.audit.append({ key: 'a', type: 'test.begun', subject: 'a/test', actor: 'ada', data: {} });
  });
  after(async () => (bench as ReaperBench | undefined)?.close());

  it('looks by itself, in few events, and leaves alone what a lease in force owns', async () => {
    const { id, owner } = await bench.run('owned');
    await bench.looks(2);
    assert.equal((await bench.finding(id))?.verdict, 'owned');
    assert.equal((await bench.pids(id)).length, 1);
    const query = `WorkflowType = 'reaper' AND ExecutionStatus = 'Completed'`;
    for await (const { workflowId, historyLength } of bench.env.client.workflow.list({ query })) {
      assert.ok(workflowId.startsWith(`${reaperIds.look}-20`), workflowId);
      assert.ok(historyLength <= 10, `${historyLength} events`);
      break;
    }
    await owner.terminate();
    await bench.until('it is reaped', () => bench.isGone(id));
  });

  it('destroys the stack of a run whose workflow was terminated, and records the run as lost', async () => {
    const { id, owner, run } = await bench.run('terminated');
    await owner.terminate('by mistake');
    await bench.until('its run is over', async () => {
      const found = await bench.store.experiments.runs.find(run);
      return found?.status.outcome !== undefined;
    });
    assert.ok(await bench.isGone(id));
    const { status } = (await bench.store.experiments.runs.find(run))!;
    assert.equal(status.outcome, 'lost');
    assert.match(status.because ?? '', /its workflow is gone/);
    assert.deepEqual(await bench.store.experiments.leases.list(run), []);
    assert.deepEqual(await bench.events(id), ['reaper.condemned', 'reaper.reaped', 'lease.released']);
    await bench.until('it is forgotten', async () => (await bench.store.reaper.note(id)) === undefined);
    assert.equal((await bench.store.audit.verify()).ok, true);
  });

  it('destroys what is past its lease, and leaves the run to its workflow', async () => {
    const { id, owner, run } = await bench.run('overdue', { forMs: 0 });
    await bench.until('it is released', async () => (await bench.store.experiments.leases.list(run)).length === 0);
    assert.ok(await bench.isGone(id));
    await bench.looks(1);
    assert.equal((await bench.store.experiments.runs.find(run))?.status.outcome, undefined);
    await owner.terminate();
    await bench.until('its run is lost', async () => {
      const found = await bench.store.experiments.runs.find(run);
      return found?.status.outcome === 'lost';
    });
  });

  it('reports what nobody knows, destroys nothing until its grace is over, or somebody asks for it', async () => {
    const { id } = await bench.stand({ name: 'nobodys', environment: 'test' }, 3);
    await bench.until('it is reported', async () => (await bench.finding(id))?.verdict === 'condemned');
    await bench.looks(2);
    const { owner, because, dueAt = '', foundAt = '' } = (await bench.finding(id))!;
    assert.equal(owner, 'nobodys/test r3');
    assert.match(because, /nobody knows it/);
    assert.equal(Date.parse(dueAt) - Date.parse(foundAt), 600_000);
    assert.equal((await bench.pids(id)).length, 1);
    await bench.ask(false);
    await bench.looks(2);
    assert.equal((await bench.pids(id)).length, 1);
    await bench.ask(true);
    await bench.until('it is reaped', () => bench.isGone(id));
    await bench.until('that is on record', async () => (await bench.events(id)).includes('reaper.reaped'));
  });

  it('destroys what nobody knows once its grace is over', async () => {
    await bench.use({ graceMs: 1_500 });
    const { id } = await bench.stand({ name: 'nobodys', environment: 'test' }, 4);
    await bench.until('it is reaped', () => bench.isGone(id));
    await bench.until('that is on record', async () => (await bench.events(id)).length === 2);
    const events = await bench.store.audit.list();
    const [condemned, reaped] = events.filter(({ data }) => data.stack === id.stack);
    assert.equal(condemned?.type, 'reaper.condemned');
    assert.ok(Date.parse(reaped!.at) - Date.parse(condemned.at) >= 1_500);
    await bench.use({});
  });

  it('tries again what does not go, leaves it to a person, and tries once more when it is asked to', async () => {
    const faults = [{ on: 'delete', resource: 'p1', does: 'error', times: 3 }];
    const { id, owner } = await bench.run('stubborn', { faults });
    await owner.terminate();
    await bench.until('it is given up', async () => (await bench.finding(id))?.verdict === 'given-up');
    const { attempts, lastError = '', suggestion = '' } = (await bench.finding(id))!;
    assert.equal(attempts, 3);
    assert.match(lastError, /p1/);
    assert.match(suggestion, /supplant reaper run --skip-grace/);
    await bench.looks(2);
    assert.deepEqual(await bench.events(id), ['reaper.condemned', 'reaper.gave-up']);
    await bench.ask(true);
    await bench.until('it is reaped', () => bench.isGone(id));
  });

  /** A failed revision whose teardown did not work so far, and was then terminated. */
  async function leaveTorn(name: string, failures: number): Promise<{ stand: Stand; service: ServiceKey }> {
    const service = { name, environment: 'test' };
    const described = spec(service);
    const faults = [{ on: 'delete', resource: 'p1', does: 'error', times: failures }];
    const stand = await bench.stand(service, 5, faults);
    const { catalogue } = bench.store;
    await catalogue.saveService(described, 1);
    const { artifact, blueprint } = stand.input;
    const since = new Date().toISOString();
    const made = { ...madeRevision(described, 5), artifact, blueprint, since, endpoints: [] };
    await catalogue.saveRevision({ ...made, state: 'failed' }, 1);
    const task: TeardownInput = {
      ...{ v: 2, ref: { service, number: 1, actor: 'ada' }, revision: 5, becomes: 'failed', because: 'a test' },
      ...{ attempts: 1, since, retryMs: 600_000 },
    };
    const { workflow } = bench.env.client;
    await workflow.start('startChildOf', {
      workflowId: workflowIds.rollout(service, 1),
      taskQueue: 'reaped',
      args: ['teardown', workflowIds.teardown(service, 5), task, []],
    });
    await bench.until('it is quarantined', async () => (await attempts(service)) === 2);
    await bench.looks(1);
    assert.equal((await bench.finding(stand.id))?.verdict, 'owned');
    await workflow.getHandle(workflowIds.teardown(service, 5)).terminate('by mistake');
    return { stand, service };
  }

  async function attempts(service: ServiceKey): Promise<number | undefined> {
    const [found] = await bench.store.catalogue.overview(service);
    return found?.quarantine[0]?.attempts;
  }

  async function teardownIsOver(service: ServiceKey): Promise<void> {
    const handle = bench.env.client.workflow.getHandle(workflowIds.teardown(service, 5));
    await bench.until('its teardown is over', async () => (await handle.describe()).status.name === 'COMPLETED');
  }

  it('begins a teardown again that somebody terminated', async () => {
    const { stand, service } = await leaveTorn('torn', 1);
    await bench.until('it is gone', () => bench.isGone(stand.id));
    await teardownIsOver(service);
    assert.equal(await attempts(service), undefined);
    assert.equal((await bench.store.catalogue.revision(service, 5))?.state, 'failed');
    assert.ok((await bench.events(stand.id)).includes('stack.destroyed'));
    const { typedSearchAttributes } = await bench.env.client.workflow
      .getHandle(workflowIds.teardown(service, 5))
      .describe();
    assert.equal(typedSearchAttributes.get(SEARCH_ATTRIBUTES.outcome), 'succeeded');
  });

  it('has such a teardown end where the revision is used again', async () => {
    await bench.use({ retryMs: 1_500 });
    const { stand, service } = await leaveTorn('used', 9);
    await bench.until('it is tried again', async () => ((await attempts(service)) ?? 0) > 2);
    const { catalogue } = bench.store;
    const record = (await catalogue.revision(service, 5))!;
    await catalogue.saveRevision({ ...record, state: 'live' }, 900);
    await teardownIsOver(service);
    assert.equal(await attempts(service), undefined);
    await bench.until('it is owned', async () => ((await bench.finding(stand.id))?.because ?? '').includes('is live'));
    assert.equal((await bench.pids(stand.id)).length, 1);
    assert.equal((await catalogue.revision(service, 5))?.state, 'live');
    await bench.use({});
  });

  it('goes on where its worker was, when that is restarted while it destroys', async () => {
    const faults = [{ on: 'delete', resource: 'p1', does: 'slow', ms: 3_000, times: 1 }];
    const { id, owner, run } = await bench.run('restarted', { faults });
    await owner.terminate();
    const handle = bench.env.client.workflow.getHandle(reaperIds.reap(id));
    await bench.until('it is being destroyed', async () => {
      const activities = await handle.describe().then(
        ({ raw }) => raw.pendingActivities ?? [],
        () => [],
      );
      return activities.some(({ heartbeatDetails }) => heartbeatDetails !== null);
    });
    await bench.stop();
    await bench.start();
    await bench.until('its run is lost', async () => {
      const found = await bench.store.experiments.runs.find(run);
      return found?.status.outcome === 'lost';
    });
    assert.ok(await bench.isGone(id));
  });

  it('takes no orders from whoever reaches Temporal', async () => {
    const { id, owner } = await bench.run('guarded');
    const { workflow } = bench.env.client;
    const start = async (type: string, workflowId: string, args: unknown[]): Promise<unknown> =>
      workflow.execute(type, { workflowId, taskQueue: 'reaped', args });
    assert.match(JSON.stringify(await start('reaper', 'mine', [])), /started by its schedule/);
    assert.match(JSON.stringify(await start('reap', reaperIds.reap(id), [id])), /by looks of the reaper only/);
    const look = `${reaperIds.look}-forged`;
    await start('startChildOf', look, ['reap', reaperIds.reap(id), id, []]);
    assert.equal(await workflow.getHandle(reaperIds.reap(id)).result(), 'no look has found it without an owner');
    assert.equal((await bench.pids(id)).length, 1);
    await owner.terminate();
    await bench.until('it is reaped', () => bench.isGone(id));
  });

  it('has its schedule again when somebody deletes that', async () => {
    await bench.env.client.schedule.getHandle(reaperIds.schedule).delete();
    await bench.looks(2);
  });
});
