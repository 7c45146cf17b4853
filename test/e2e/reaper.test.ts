import assert from 'node:assert/strict';
import { reaperIds } from '../../src/domain/reaper/ids.ts';
import { type TeardownInput, workflowIds } from '../../src/domain/service/requests.ts';
import { SEARCH_ATTRIBUTES } from '../../src/workflows/shared/search-attributes.ts';
import { revision as madeRevision, spec } from '../workflow/samples.ts';
import { ReaperBench } from './reaper-bench.ts';

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

  it('begins a teardown again that somebody terminated', async () => {
    const service = { name: 'torn', environment: 'test' };
    const described = spec(service);
    const faults = [{ on: 'delete', resource: 'p1', does: 'error', times: 1 }];
    const { id, input } = await bench.stand(service, 5, faults);
    const { catalogue } = bench.store;
    await catalogue.saveService(described, 1);
    const made = { ...madeRevision(described, 5), artifact: input.artifact, blueprint: input.blueprint };
    const since = new Date().toISOString();
    await catalogue.saveRevision({ ...made, state: 'failed', since, endpoints: [] }, 1);
    const task: TeardownInput = {
      ...{ v: 2, ref: { service, number: 1, actor: 'ada' }, revision: 5, becomes: 'failed', because: 'a test' },
      ...{ attempts: 1, since, retryMs: 600_000 },
    };
    const teardownId = workflowIds.teardown(service, 5);
    const { workflow } = bench.env.client;
    await workflow.start('startChildOf', {
      workflowId: workflowIds.rollout(service, 1),
      taskQueue: 'reaped',
      args: ['teardown', teardownId, task, []],
    });
    await bench.until('it is quarantined', async () => {
      const [found] = await catalogue.overview(service);
      return found?.quarantine.length === 1;
    });
    await bench.looks(1);
    assert.equal((await bench.finding(id))?.verdict, 'owned');
    await workflow.getHandle(teardownId).terminate('by mistake');
    await bench.until('it is gone', () => bench.isGone(id));
    await bench.until('its teardown is over', async () => {
      const { status } = await workflow.getHandle(teardownId).describe();
      return status.name === 'COMPLETED';
    });
    const [found] = await catalogue.overview(service);
    assert.deepEqual(found?.quarantine, []);
    assert.equal((await catalogue.revision(service, 5))?.state, 'failed');
    assert.ok((await bench.events(id)).includes('stack.destroyed'));
    const { typedSearchAttributes } = await workflow.getHandle(teardownId).describe();
    assert.equal(typedSearchAttributes.get(SEARCH_ATTRIBUTES.outcome), 'succeeded');
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
