import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { RollbackVerdict } from '../../src/domain/rollback/verdict.ts';
import type { Receipt } from '../../src/domain/service/requests.ts';
import type { Bench } from './bench.ts';
import { releaseOf, spec } from './samples.ts';
import { ServiceBench, refusal } from './service-bench.ts';
import { benchForEach } from './suite.ts';

const PROVEN = { rollbackSafety: 'proven' } as const;

/** What a drill of the releases of two artifacts has found out. */
async function drilled({ activities, service }: Bench, from: string, to: string, verdict: RollbackVerdict = 'proven') {
  const release = (artifact: string): string => releaseOf(spec(service, { artifact }));
  const { proofs } = activities.store.experiments;
  const run = (await proofs.list(service)).length + 1;
  await proofs.save({
    ...{ service, verdict, from: release(from), to: release(to), fromLabel: from, toLabel: to },
    run: { experiment: { name: 'web-drill', environment: 'test' }, run },
    at: new Date(run).toISOString(),
    ...(verdict === 'disproven' ? { because: 'it did not start' } : {}),
  });
}

describe('a service that demands proven rollbacks', () => {
  const bench = benchForEach();

  it('refuses a release without, which a dry run foresees, and leaves nothing of it', async () => {
    const desk = await ServiceBench.live(bench(), 1, PROVEN);
    const asked = { kind: 'apply' as const, spec: spec(bench().service, { ...PROVEN, artifact: 'v2' }) };
    const { type, message } = await refusal(desk.apply('v2', PROVEN));
    assert.equal(type, 'Refused');
    assert.match(message, /^the rollback of web\/\S+ from v2 to r1 is not proven/);
    assert.equal((await refusal(desk.dryRun(asked))).message, message);
    assert.equal((await desk.status())?.queue.length, 0);
    await drilled(bench(), 'v2', 'v1');
    const { rollback } = (await desk.dryRun(asked)) as Receipt;
    assert.deepEqual(rollback, { to: 1, verdict: 'proven', run: 'web-drill/test@1' });
    const receipt = await desk.apply('v2', PROVEN);
    assert.deepEqual(receipt.rollback, rollback);
    const { outcome, phases } = await desk.over(receipt);
    assert.deepEqual([outcome, phases[0]?.note], ['succeeded', 'rollback to r1: proven by web-drill/test@1']);
  });

  it('asks the same of deploy, and nothing of a restart and a rollback', async () => {
    const desk = await ServiceBench.live(bench(), 1, PROVEN);
    assert.equal((await refusal(desk.deploy('v2'))).type, 'Refused');
    await drilled(bench(), 'v2', 'v1');
    await desk.over(await desk.deploy('v2'));
    assert.equal((await desk.over(await desk.restart())).outcome, 'succeeded');
    assert.equal((await desk.over(await desk.rollback(1))).outcome, 'succeeded');
  });

  it('judges once more what is live when it begins: what was ahead has failed', async () => {
    const { activities } = bench();
    const desk = await ServiceBench.live(bench(), 1, PROVEN);
    await drilled(bench(), 'v2', 'v1');
    await drilled(bench(), 'v3', 'v2');
    const hold = activities.hold('provision');
    const first = await desk.apply('v2', PROVEN);
    await hold.reached;
    const second = await desk.apply('v3', PROVEN);
    assert.equal(second.rollback?.to, 2);
    hold.fail('no such package');
    await desk.over(first);
    const made = activities.called('provision');
    const { outcome, because } = await desk.over(second);
    assert.equal(outcome, 'failed');
    assert.match(
      because ?? '',
      /^the rollback of web\/\S+ from v3 to r1 is not proven; .*; try it first: supplant drill/,
    );
    assert.equal(activities.called('provision'), made);
    assert.equal((await desk.status())?.live, 1);
  });

  it('judges once more what is known when it begins: a drill has failed meanwhile', async () => {
    const { activities } = bench();
    const desk = await ServiceBench.live(bench(), 1, PROVEN);
    await drilled(bench(), 'v2', 'v1');
    await drilled(bench(), 'v3', 'v2');
    const hold = activities.hold('provision');
    const first = await desk.apply('v2', PROVEN);
    await hold.reached;
    const second = await desk.apply('v3', PROVEN);
    await drilled(bench(), 'v3', 'v2', 'disproven');
    hold.release();
    assert.equal((await desk.over(first)).outcome, 'succeeded');
    const { outcome, because } = await desk.over(second);
    assert.equal(outcome, 'failed');
    assert.match(because ?? '', /from v3 to r2 is disproven by web-drill\/test@3: it did not start/);
  });

  it('takes anything once its manifest demands nothing, which is on record', async () => {
    const desk = await ServiceBench.live(bench(), 1, PROVEN);
    const receipt = await desk.apply('v1', { rollbackSafety: 'none' });
    assert.deepEqual(receipt.settings, [
      { setting: 'rollbackSafety', from: 'proven', to: 'none', effect: 'counts from the next deployment on' },
    ]);
    assert.equal((await desk.over(await desk.deploy('v2'))).outcome, 'succeeded');
    const events = await bench().activities.store.audit.list();
    assert.ok(events.some(({ type }) => type === 'service.settings-changed'));
  });
});

describe('a service that demands nothing', () => {
  const bench = benchForEach();

  it('is told of a rollback that is disproven, and takes no further step for what nobody has tried', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    await drilled(bench(), 'v2', 'v1', 'disproven');
    const receipt = await desk.apply('v2');
    assert.equal(receipt.rollback?.verdict, 'disproven');
    const told = await desk.over(receipt);
    assert.equal(told.phases[0]?.note, 'rollback to r1: disproven by web-drill/test@1 (it did not start)');
    const silent = await desk.apply('v3');
    assert.equal(silent.rollback, undefined);
    assert.equal((await desk.over(silent)).phases[0]?.note, undefined);
  });
});
