import assert from 'node:assert/strict';
import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { AlarmWatch } from '../../src/activities/alarm-watch.ts';
import { createMetricProviders } from '../../src/evidence/metrics/registry.ts';
import { type Aws, startAws } from '../doubles/aws/aws.ts';
import { enterEnvironment } from '../doubles/environment.ts';
import { describeWithAws } from '../doubles/aws/with-aws.ts';

describeWithAws('alarms while a revision bakes', (emulators) => {
  let aws: Aws;
  let client: CloudWatchClient;
  let leave: () => void;
  const { signal } = new AbortController();
  let from = '';

  beforeEach(async () => {
    from = new Date().toISOString();
    aws = await startAws(emulators());
    leave = enterEnvironment(aws.env);
    client = new CloudWatchClient(aws.client);
    await client.send(
      new PutMetricAlarmCommand({
        AlarmName: 'errors',
        Namespace: 'web',
        MetricName: 'Errors',
        Statistic: 'Sum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanThreshold',
      }),
    );
  });
  afterEach(async () => {
    client.destroy();
    leave();
    await aws[Symbol.asyncDispose]();
  });

  /** Of a bake that has just begun. */
  const watch = (...names: string[]) => new AlarmWatch(createMetricProviders(), names, { revision: 2, from });

  const setState = (StateValue: 'OK' | 'ALARM') =>
    client.send(new SetAlarmStateCommand({ AlarmName: 'errors', StateValue, StateReason: 'a test' }));

  const look = async (watched: AlarmWatch, isOver: boolean) =>
    (await watched.look(isOver, signal)).map(({ check, verdict }) => `${check} ${verdict}`);

  it('that have no data count at the end only, and then for nothing', async () => {
    assert.deepEqual(await look(watch('errors'), false), []);
    assert.deepEqual(await look(watch('errors', 'missing'), true), [
      'alarm errors inconclusive',
      'alarm missing inconclusive',
    ]);
  });

  it('that go off count at once, and those that are over still', async () => {
    await setState('OK');
    assert.deepEqual(await look(watch('errors'), true), ['alarm errors pass']);
    await setState('ALARM');
    assert.deepEqual(await look(watch('errors'), false), ['alarm errors fail']);
    await setState('OK');
    assert.deepEqual(await look(watch('errors'), false), ['alarm errors fail']);
  });

  it('are asked for once in a while, and at the end', async () => {
    const watched = watch('errors');
    await look(watched, false);
    await setState('ALARM');
    assert.deepEqual(await look(watched, false), []);
    assert.deepEqual(await look(watched, true), ['alarm errors fail']);
    assert.deepEqual(await look(watch(), true), []);
  });

  it('that nobody tells of are no pass', async () => {
    await aws.front[Symbol.asyncDispose]();
    assert.deepEqual(await look(watch('errors'), false), []);
    assert.deepEqual(await look(watch('errors'), true), ['alarms inconclusive']);
    aws = await startAws(emulators());
  });
});
