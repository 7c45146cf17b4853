import assert from 'node:assert/strict';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { MetricWatch } from '../../src/activities/metric-watch.ts';
import type { MetricSpec } from '../../src/domain/evidence/metric-spec.ts';
import { createMetricProviders } from '../../src/evidence/metrics/registry.ts';
import { type Aws, startAws } from '../doubles/aws/aws.ts';
import { enterEnvironment } from '../doubles/environment.ts';
import { describeWithAws } from '../doubles/aws/with-aws.ts';

const errors: MetricSpec = {
  ...{ kind: 'cloudwatch', name: 'errors', namespace: 'web', metric: 'Errors', statistic: 'Sum', per: 'Requests' },
  ...{ dimensions: { Revision: '{revision}' }, atMost: 0.01, leastSamples: 100 },
};
const requests: MetricSpec = {
  ...{ kind: 'cloudwatch', name: 'requests', namespace: 'web', metric: 'Requests', statistic: 'Sum' },
  ...{ dimensions: { Revision: '{revision}' }, atLeast: 300, leastSamples: 1 },
};

describeWithAws('metrics while a revision bakes', (emulators) => {
  let aws: Aws;
  let client: CloudWatchClient;
  let leave: () => void;
  const { signal } = new AbortController();
  let from = '';

  beforeEach(async () => {
    from = new Date(Date.now() - 60_000).toISOString();
    aws = await startAws(emulators());
    leave = enterEnvironment(aws.env);
    client = new CloudWatchClient(aws.client);
  });
  afterEach(async () => {
    client.destroy();
    leave();
    await aws[Symbol.asyncDispose]();
  });

  async function measure(revision: string, counts: Record<string, number>): Promise<void> {
    const Dimensions = [{ Name: 'Revision', Value: revision }];
    // AWS has a minute whole; the emulator leaves out what comes in the second in which the window ends.
    const Timestamp = new Date(Date.now() - 2_000);
    const MetricData = Object.entries(counts).map(([MetricName, Value]) => ({
      MetricName,
      Value,
      Dimensions,
      Timestamp,
    }));
    await client.send(new PutMetricDataCommand({ Namespace: 'web', MetricData }));
  }

  const watch = (metrics: MetricSpec[]) => {
    const service = { name: 'web', environment: 'production' };
    return new MetricWatch(createMetricProviders(), metrics, { service, revision: 2, endpoints: [], from });
  };

  /** At the end of a bake, whose window ends now: what was measured in this minute has to be in it. */
  const atTheEnd = async (...metrics: MetricSpec[]) =>
    (await watch(metrics).look(true, signal)).map(({ check, verdict }) => `${check} ${verdict}`);

  it('pass only by data of that revision, and of enough of it', async () => {
    await measure('r1', { Requests: 5_000 });
    assert.deepEqual(await atTheEnd(errors, requests), ['metric errors inconclusive', 'metric requests inconclusive']);
    await measure('r2', { Requests: 99 });
    assert.deepEqual(await atTheEnd(errors, requests), ['metric errors inconclusive', 'metric requests fail']);
    await measure('r2', { Requests: 201 });
    assert.deepEqual(await atTheEnd(errors, requests), ['metric errors pass', 'metric requests pass']);
    await measure('r2', { Errors: 4 });
    assert.deepEqual(await atTheEnd(errors, requests), ['metric errors fail', 'metric requests pass']);
  });

  it('are asked for at the end whenever the last look was, and not at its beginning', async () => {
    await measure('r2', { Requests: 300, Errors: 30 });
    const watched = watch([errors]);
    assert.deepEqual(await watched.look(false, signal), []);
    const [verdict] = await watched.look(true, signal);
    assert.equal(verdict?.evidence, 'Sum of web Errors per Requests is 0.1, of 300 samples; it may be at most 0.01');
  });

  it('that nobody tells of, or that are nowhere, are no pass', async () => {
    const { dimensions: _none, ...nowhere } = errors;
    assert.deepEqual(await atTheEnd(nowhere), ['metric errors inconclusive']);
    await aws.front[Symbol.asyncDispose]();
    assert.deepEqual(await watch([errors]).look(false, signal), []);
    assert.deepEqual(await atTheEnd(errors), ['metric errors inconclusive']);
  });
});
