import assert from 'node:assert/strict';
import { ScheduleOverlapPolicy } from '@temporalio/client';
import type { ReaperReport } from '../../src/domain/reaper/finding.ts';
import { reaperIds } from '../../src/domain/reaper/ids.ts';
import { Reaper } from '../../src/gateway/backend/reaper.ts';
import { ReaperBench } from './reaper-bench.ts';

describe('the reaper behind a gateway', () => {
  let bench: ReaperBench;
  let reaper: Reaper;
  before(async () => {
    bench = await ReaperBench.open();
    reaper = new Reaper(bench.env.client, async () => bench.store);
    await bench.store.audit.append({ key: 'a', type: 'test.begun', subject: 'a/test', actor: 'ada', data: {} });
  });
  after(async () => (bench as ReaperBench | undefined)?.close());

  const verdicts = ({ findings }: ReaperReport): string[] =>
    findings.map(({ stack, verdict }) => `${stack} ${verdict}`);

  it('reports what has no owner, and all else where that is asked for', async () => {
    const { id, owner } = await bench.run('owned');
    await bench.stand({ name: 'nobodys', environment: 'test' }, 1);
    await bench.until('it is reported', async () => (await reaper.report()).findings.length === 1);
    await bench.until('its owner is known', async () => (await bench.finding(id))?.verdict === 'owned');
    const report = await reaper.report();
    assert.deepEqual(verdicts(report), ['nobodys-test-r1 condemned']);
    assert.equal(report.owned, 1);
    assert.equal(report.trouble, undefined);
    assert.ok(report.lookedAt! < report.nextLookAt!);
    assert.deepEqual(verdicts(await reaper.report({ includeOwned: true })), [
      'nobodys-test-r1 condemned',
      `${id.stack} owned`,
    ]);
    await owner.terminate();
    await bench.until('it is reaped', () => bench.isGone(id));
  });

  it('has it look now, and destroy at once what has no owner; the id tells a repeat', async () => {
    const { id } = await bench.stand({ name: 'nobodys', environment: 'test' }, 2);
    const change = { actor: 'ada', reason: 'tidying up', requestId: 'run-1' };
    const dry = await reaper.run({ skipGrace: true }, { ...change, dryRun: true });
    assert.match(dry, /the reaper looks now; all that has no owner is destroyed at once/);
    assert.equal(await bench.store.reaper.request('run-1'), undefined);
    assert.equal(await reaper.run({ skipGrace: true }, change), dry);
    assert.equal(await reaper.run({ skipGrace: true }, change), dry);
    await assert.rejects(reaper.run({ skipGrace: false }, change), { reason: 'CONFLICT' });
    await bench.until('it is reaped', () => bench.isGone(id));
    const requested = (await bench.store.audit.list()).filter(({ type }) => type === 'reaper.requested');
    assert.deepEqual(
      requested.map(({ actor, reason, data }) => ({ actor, reason, data })),
      [{ actor: 'ada', reason: 'tidying up', data: { skipGrace: true } }],
    );
    await bench.until('it is taken up', async () => (await bench.store.reaper.waiting()).length === 0);
  });

  it('says what keeps it from looking', async () => {
    const schedule = bench.env.client.schedule.getHandle(reaperIds.schedule);
    await schedule.pause('not today');
    await bench.until('it says so', async () => {
      const { trouble = '' } = await reaper.report();
      return trouble.includes('somebody has paused its schedule in Temporal, supplant/reaper (not today)');
    });
    await schedule.trigger(ScheduleOverlapPolicy.SKIP);
    await schedule.unpause();
    await bench.stop();
    await schedule.delete();
    const { trouble = '' } = await reaper.report();
    assert.match(trouble, /it has no schedule in Temporal: is a worker running\?/);
    const change = { actor: 'ada', requestId: 'run-2' };
    assert.match(await reaper.run({}, change), /with the reaper’s next look .* has no schedule yet/);
    assert.deepEqual(
      (await bench.store.reaper.waiting()).map(({ requestId }) => requestId),
      ['run-2'],
    );
    await bench.start();
    await bench.until('it is taken up', async () => (await bench.store.reaper.waiting()).length === 0);
  });
});
