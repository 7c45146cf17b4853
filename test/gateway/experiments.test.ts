import assert from 'node:assert/strict';
import { Code, ConnectError } from '@connectrpc/connect';
import { create } from '@bufbuild/protobuf';
import { TimestampSchema, timestampFromMs, durationFromMs } from '@bufbuild/protobuf/wkt';
import { toExperimentSpec } from '../../src/contract/convert/experiment/spec.ts';
import { BadRequestSchema } from '../../src/contract/gen/google/rpc/error_details_pb.ts';
import {
  ExperimentRun_Outcome,
  ExperimentScheduleSchema,
  ExperimentService,
  ExperimentSpecSchema,
} from '../../src/contract/gen/supplant/v1/experiments_pb.ts';
import { ReaperFinding_Verdict, ReaperService } from '../../src/contract/gen/supplant/v1/reaper_pb.ts';
import {
  EXPERIMENT,
  EXPERIMENT_SPEC,
  REPORT,
  RESULTS,
  RUNNING_EXPERIMENT,
  RUN_LOOKS,
  SUCCEEDED_RUN,
} from '../doubles/sample-experiments.ts';
import { TestGateway } from './gateway.ts';

const NIGHTLY = 'experiments/nightly/environments/production';
const mutation = { requestId: 'a-request-1', reason: 'because' };
const change = { actor: 'somebody', ...mutation };
const ANSWERS = { experiments: [RUNNING_EXPERIMENT], runs: RUN_LOOKS, results: RESULTS, report: REPORT };

describe('what is asked of experiments over the API', () => {
  it('is passed on as it was asked, with who, why and the request id', async () => {
    await using gateway = await TestGateway.start(ANSWERS);
    const client = gateway.client(ExperimentService);
    const spec = { case: 'spec' as const, value: toExperimentSpec(EXPERIMENT_SPEC) };
    await client.applyExperiment({ description: spec, ...mutation });
    await client.pauseExperiment({ name: NIGHTLY, ...mutation });
    await client.resumeExperiment({ name: NIGHTLY, ...mutation, validateOnly: true });
    const [from, to] = ['2026-11-01T00:00:00.000Z', '2026-11-02T00:00:00.000Z'];
    const span = { startTime: timestampFromMs(Date.parse(from)), endTime: timestampFromMs(Date.parse(to)) };
    await client.backfillExperiment({ name: NIGHTLY, ...span, ...mutation });
    await client.extendExperimentRun({ name: `${NIGHTLY}/runs/7`, by: durationFromMs(60_000), ...mutation });
    await client.stopExperimentRun({ name: `${NIGHTLY}/runs/-`, ...mutation });
    await client.deleteExperiment({ name: NIGHTLY, ...mutation });
    assert.deepEqual(gateway.backend.calls, [
      { method: 'applyExperiment', args: [EXPERIMENT_SPEC, change] },
      { method: 'pauseExperiment', args: [EXPERIMENT, change] },
      { method: 'resumeExperiment', args: [EXPERIMENT, { ...change, dryRun: true }] },
      { method: 'backfill', args: [EXPERIMENT, { from, to }, change] },
      { method: 'extend', args: [{ experiment: EXPERIMENT, run: 7 }, 60_000, change] },
      { method: 'stop', args: [{ experiment: EXPERIMENT }, change] },
      { method: 'deleteExperiment', args: [EXPERIMENT, change] },
    ]);
  });

  it('says which run follows, and of a dry run none', async () => {
    await using gateway = await TestGateway.start(ANSWERS);
    const client = gateway.client(ExperimentService);
    const { run, effect } = await client.runExperiment({ name: NIGHTLY, ...mutation });
    assert.match(run, new RegExp(`^${NIGHTLY}/runs/\\d+$`));
    assert.notEqual(effect, '');
    assert.equal((await client.runExperiment({ name: NIGHTLY, validateOnly: true })).run, '');
  });

  it('follows a run to its end', async () => {
    await using gateway = await TestGateway.start(ANSWERS);
    const seen: string[] = [];
    let last: ExperimentRun_Outcome | undefined;
    for await (const { update } of gateway
      .client(ExperimentService)
      .watchExperimentRun({ name: `${NIGHTLY}/runs/-` })) {
      assert.ok(update.case === 'run');
      seen.push(update.value.phase);
      last = update.value.outcome;
    }
    assert.deepEqual(
      seen,
      RUN_LOOKS.map(({ status }) => status.phase),
    );
    assert.equal(last, ExperimentRun_Outcome.SUCCEEDED);
  });

  it('shows what a run has found out', async () => {
    await using gateway = await TestGateway.start(ANSWERS);
    const name = `${NIGHTLY}/runs/${SUCCEEDED_RUN.status.run}`;
    const { run, measurements, comparisons } = await gateway.client(ExperimentService).getExperimentResults({ name });
    assert.equal(run?.name, name);
    assert.equal(measurements.length, RESULTS.measurements.length);
    assert.deepEqual(
      comparisons.map(({ words }) => words),
      RESULTS.comparisons.map(({ words }) => words),
    );
  });

  it('is refused with everything that is wrong with it', async () => {
    await using gateway = await TestGateway.start(ANSWERS);
    const client = gateway.client(ExperimentService);
    const refused = await client.extendExperimentRun({ name: 'nightly', requestId: 'a b', by: durationFromMs(0) }).then(
      () => assert.fail('it was not refused'),
      (error: unknown) => ConnectError.from(error),
    );
    assert.equal(refused.code, Code.InvalidArgument);
    const [bad] = refused.findDetails(BadRequestSchema);
    assert.deepEqual(bad?.fieldViolations.map(({ field }) => field).toSorted(), ['by', 'name', 'request_id']);
    assert.deepEqual(gateway.backend.calls, []);
  });

  it('is refused where a time is none', async () => {
    await using gateway = await TestGateway.start(ANSWERS);
    const beyond = create(TimestampSchema, { seconds: 2n ** 62n });
    const client = gateway.client(ExperimentService);
    const backfill = client.backfillExperiment({ name: NIGHTLY, startTime: beyond, ...mutation });
    await assert.rejects(
      backfill,
      /start_time: expected a time, found 'second 4611686018427387904 from 1970 on'; and 1 more/,
    );
    const value = create(ExperimentSpecSchema, toExperimentSpec(EXPERIMENT_SPEC));
    value.schedule = create(ExperimentScheduleSchema, { cron: ['0 2 * * *'], startTime: beyond });
    const apply = client.applyExperiment({ description: { case: 'spec', value }, ...mutation });
    await assert.rejects(apply, /spec\.schedule\.start: expected a time with its zone/);
    assert.deepEqual(gateway.backend.calls, []);
  });

  it('is answered as JSON as well', async () => {
    await using gateway = await TestGateway.start(ANSWERS);
    const { status, body } = await gateway.json('ExperimentService/GetExperiment', { name: NIGHTLY });
    assert.equal(status, 200);
    assert.equal((body.experiment as { name: string }).name, NIGHTLY);
  });
});

describe('what is asked of the reaper over the API', () => {
  it('is its report, and to look now', async () => {
    await using gateway = await TestGateway.start(ANSWERS);
    const client = gateway.client(ReaperService);
    const { findings, owned } = await client.getReaperReport({ includeOwned: true });
    assert.equal(findings.length, REPORT.findings.length);
    assert.ok(findings.every(({ verdict }) => verdict !== ReaperFinding_Verdict.UNSPECIFIED));
    assert.equal(owned, REPORT.owned);
    await client.runReaper({ skipGrace: true, ...mutation });
    assert.deepEqual(gateway.backend.calls, [
      { method: 'reaperReport', args: [{ includeOwned: true }] },
      { method: 'runReaper', args: [{ skipGrace: true }, change] },
    ]);
  });
});
