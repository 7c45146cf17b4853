import assert from 'node:assert/strict';
import {
  CloudWatchClient,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { judgeAlarm, judgeReading } from '../../../src/domain/evidence/metrics.ts';
import { CloudWatch } from '../../../src/evidence/metrics/cloudwatch.ts';
import type { CloudWatchQuery } from '../../../src/evidence/metrics/cloudwatch-query.ts';
import { MetricsUnavailableError } from '../../../src/evidence/metrics/provider.ts';
import { type Aws, startAws } from '../../doubles/aws/aws.ts';
import { enterEnvironment } from '../../doubles/environment.ts';
import { describeWithAws } from '../../doubles/aws/with-aws.ts';

const LIMIT = { atMost: 50, leastSamples: 20 };

describeWithAws('metrics and alarms of CloudWatch', (emulators) => {
  let aws: Aws;
  let client: CloudWatchClient;
  let metrics: CloudWatch;
  let leave: () => void;

  beforeEach(async () => {
    aws = await startAws(emulators());
    client = new CloudWatchClient(aws.client);
    leave = enterEnvironment(aws.env);
    metrics = await CloudWatch.open();
  });
  afterEach(async () => {
    await metrics.close();
    client.destroy();
    leave();
    await aws[Symbol.asyncDispose]();
  });

  /** The last ten minutes, and what is measured while the test runs. */
  const window = () => ({
    from: new Date(Date.now() - 600_000).toISOString(),
    to: new Date(Date.now() + 60_000).toISOString(),
  });

  const latency = (statistic: CloudWatchQuery['statistic'], revision = 'r2'): CloudWatchQuery => ({
    namespace: 'web',
    metric: 'Latency',
    dimensions: { revision },
    statistic,
  });

  const measure = (...values: number[]): Promise<void> => measureOf('Latency', values);

  async function measureOf(MetricName: string, values: number[]): Promise<void> {
    const Dimensions = [{ Name: 'revision', Value: 'r2' }];
    const MetricData = values.map((Value) => ({ MetricName, Dimensions, Value, Timestamp: new Date() }));
    await client.send(new PutMetricDataCommand({ Namespace: 'web', MetricData }));
  }

  async function makeAlarms(): Promise<void> {
    await client.send(
      new PutMetricAlarmCommand({
        AlarmName: 'slow',
        Namespace: 'web',
        MetricName: 'Latency',
        Dimensions: [{ Name: 'revision', Value: 'r2' }],
        ExtendedStatistic: 'p99',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 50,
        ComparisonOperator: 'GreaterThanThreshold',
      }),
    );
    await client.send(new PutCompositeAlarmCommand({ AlarmName: 'bad', AlarmRule: 'ALARM("slow")' }));
  }

  const setState = (StateValue: 'OK' | 'ALARM', StateReason: string) =>
    client.send(new SetAlarmStateCommand({ AlarmName: 'slow', StateValue, StateReason }));

  it('reads percentiles, sums and averages with the samples that they are made of', async () => {
    await measure(...Array.from({ length: 100 }, (_, index) => index + 1));
    const [p99, sum, average] = await Promise.all(
      (['p99', 'Sum', 'Average'] as const).map((statistic) => metrics.read(latency(statistic), window())),
    );
    assert.ok(p99?.value !== undefined && p99.value >= 98 && p99.value <= 100, String(p99?.value));
    assert.equal(sum?.value, 5_050);
    assert.equal(average?.value, 50.5);
    assert.deepEqual([p99.samples, sum.samples], [100, 100]);
    const verdict = judgeReading('latency', 2, p99, LIMIT);
    assert.equal(verdict.verdict, 'fail');
    assert.match(verdict.evidence, /^p99 of web Latency is [\d.]+, of 100 samples; it may be at most 50$/);
  });

  it('takes missing data for nothing: neither for 0, nor for a pass', async () => {
    const reading = await metrics.read(latency('Sum', 'r3'), window());
    assert.equal(reading.value, undefined);
    assert.equal(reading.samples, 0);
    assert.equal(judgeReading('errors', 3, reading, LIMIT).verdict, 'inconclusive');
    await measure(1, 2, 3);
    const few = judgeReading('latency', 2, await metrics.read(latency('Maximum'), window()), LIMIT);
    assert.equal(few.verdict, 'inconclusive');
    assert.match(few.evidence, /has 3 samples .* of 20 that it takes/);
  });

  it('divides what is counted only where there is some by what it is a part of', async () => {
    const errors: CloudWatchQuery = { ...latency('Sum'), metric: 'Errors', per: 'Requests' };
    const rate = async () => {
      const { value, samples } = await metrics.read(errors, window());
      return [value, samples];
    };
    assert.deepEqual(await rate(), [undefined, 0]);
    await measureOf('Requests', [150, 50]);
    assert.deepEqual(await rate(), [0, 200]);
    await measureOf('Errors', [1, 3]);
    assert.deepEqual(await rate(), [0.02, 200]);
  });

  it('reads alarms, composite ones among them, and those that are over', async () => {
    await makeAlarms();
    const read = async () => {
      const alarms = await metrics.readAlarms(['slow', 'bad', 'missing'], window());
      return alarms.map((alarm) => judgeAlarm(2, alarm, window()).verdict);
    };
    // What is made of an alarm without data does not go off.
    assert.deepEqual(await read(), ['inconclusive', 'pass', 'inconclusive']);
    await setState('ALARM', 'p99 is 80');
    assert.deepEqual(await read(), ['fail', 'fail', 'inconclusive']);
    await setState('OK', 'p99 is 20');
    assert.deepEqual(await read(), ['fail', 'fail', 'inconclusive']);
    const [slow] = await metrics.readAlarms(['slow'], window());
    assert.equal(slow?.state, 'ok');
    assert.ok(slow.wentOffAt !== undefined);
    const later = { from: new Date(Date.now() + 1_000).toISOString(), to: new Date(Date.now() + 60_000).toISOString() };
    const [now] = await metrics.readAlarms(['slow'], later);
    assert.equal(now && judgeAlarm(2, now, later).verdict, 'pass');
  });

  it('says so where nobody answers', async () => {
    await aws.front[Symbol.asyncDispose]();
    await assert.rejects(metrics.read(latency('Sum'), window()), MetricsUnavailableError);
  });
});
