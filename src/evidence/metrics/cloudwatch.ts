import type * as sdkModule from '@aws-sdk/client-cloudwatch';
import type { CloudWatchClient, MetricDataResult } from '@aws-sdk/client-cloudwatch';
import type { AlarmReading, EvidenceWindow, MetricReading } from '../../domain/evidence/metrics.ts';
import { loadOptional } from '../../host/missing-package.ts';
import type { CloudWatchQuery } from './cloudwatch-query.ts';
import { type AlarmProvider, MetricsUnavailableError } from './provider.ts';

type Sdk = typeof sdkModule;

/** The finest that metrics of AWS's own services have. */
const PERIOD_SECONDS = 60;
const CONNECT_MS = 3_000;
const ANSWER_MS = 10_000;
const SECOND_MS = 1_000;

const STATES: Record<string, AlarmReading['state']> = { OK: 'ok', ALARM: 'alarm' };

/** Metrics, and alarms, composite ones among them, of Amazon CloudWatch. */
export class CloudWatch implements AlarmProvider {
  readonly #sdk: Sdk;
  readonly #client: CloudWatchClient;

  private constructor(sdk: Sdk, client: CloudWatchClient) {
    this.#sdk = sdk;
    this.#client = client;
  }

  /** Credentials, and a region where none is given, come by the SDK's standard chain. It is loaded here, for those who need it. */
  static async open({ region }: { region?: string } = {}): Promise<CloudWatch> {
    const sdk = await loadOptional(() => import('@aws-sdk/client-cloudwatch'));
    const requestHandler = { connectionTimeout: CONNECT_MS, requestTimeout: ANSWER_MS, throwOnRequestTimeout: true };
    const client = new sdk.CloudWatchClient({
      ...(region === undefined ? {} : { region }),
      retryMode: 'adaptive',
      maxAttempts: 5,
      requestHandler,
    });
    return new CloudWatch(sdk, client);
  }

  /**
   * One number over a window.
   * @throws MetricsUnavailableError when nobody answers, or the answer is not whole
   */
  async read(query: CloudWatchQuery, window: EvidenceWindow, signal?: AbortSignal): Promise<MetricReading> {
    const { namespace, metric, statistic, per } = query;
    const source = `${statistic} of ${namespace} ${metric}${per === undefined ? '' : ` per ${per}`}`;
    const [values = {}, counts = {}] = await this.#call(`read ${source}`, () =>
      this.#readSeries(query, window, signal),
    );
    const samples = sumUp(counts);
    const value = per === undefined ? combine(statistic, values, counts) : divide(values, samples);
    const asked = `${source} of ${Object.entries(query.dimensions)
      .map((pair) => pair.join('='))
      .join(', ')}`;
    return { ...window, source, samples, query: asked, ...(value === undefined ? {} : { value }) };
  }

  /** The statistic, and the sample count or the sum that it is divided by, by minute. */
  async #readSeries(
    { namespace, metric, dimensions, statistic, per }: CloudWatchQuery,
    { from, to }: EvidenceWindow,
    abortSignal?: AbortSignal,
  ): Promise<Series[]> {
    const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
    const ask = (Id: string, MetricName: string, Stat: string) => {
      const Metric = { Namespace: namespace, MetricName, Dimensions };
      return { Id, MetricStat: { Metric, Period: PERIOD_SECONDS, Stat } };
    };
    const beside = per === undefined ? ask('samples', metric, 'SampleCount') : ask('samples', per, 'Sum');
    const pages = this.#sdk.paginateGetMetricData(
      { client: this.#client },
      {
        MetricDataQueries: [ask('wanted', metric, statistic), beside],
        StartTime: new Date(from),
        EndTime: new Date(to),
      },
      ...(abortSignal === undefined ? [] : [{ abortSignal }]),
    );
    const found: Record<string, Series> = { wanted: {}, samples: {} };
    for await (const { MetricDataResults = [] } of pages) {
      for (const result of MetricDataResults) addPoints(found[result.Id ?? ''] ?? {}, result);
    }
    return [found.wanted ?? {}, found.samples ?? {}];
  }

  async readAlarms(names: readonly string[], window: EvidenceWindow, signal?: AbortSignal): Promise<AlarmReading[]> {
    if (names.length === 0) return [];
    return this.#call(`read the alarms ${names.join(', ')}`, async () => {
      const sent = signal === undefined ? {} : { abortSignal: signal };
      const found = await this.#client.send(
        new this.#sdk.DescribeAlarmsCommand({
          AlarmNames: [...names],
          AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
        }),
        sent,
      );
      const all = [...(found.MetricAlarms ?? []), ...(found.CompositeAlarms ?? [])];
      return Promise.all(
        names.map(async (name): Promise<AlarmReading> => {
          const alarm = all.find(({ AlarmName }) => AlarmName === name);
          if (!alarm) return { name, state: 'unknown', reason: 'there is no such alarm' };
          const state = STATES[alarm.StateValue ?? ''] ?? 'unknown';
          const reason = alarm.StateReason ?? `it is ${alarm.StateValue ?? 'in no state'}`;
          const wentOffAt = await this.#findAlarm(name, window, signal);
          return { name, state, reason, ...(wentOffAt === undefined ? {} : { wentOffAt }) };
        }),
      );
    });
  }

  /** When it went off first within the window. */
  async #findAlarm(name: string, { from, to }: EvidenceWindow, abortSignal?: AbortSignal): Promise<string | undefined> {
    const pages = this.#sdk.paginateDescribeAlarmHistory(
      { client: this.#client },
      {
        AlarmName: name,
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
        HistoryItemType: 'StateUpdate',
        // Times may come in whole seconds: the first and the last one count in full.
        StartDate: new Date(Math.floor(Date.parse(from) / SECOND_MS) * SECOND_MS),
        EndDate: new Date(Date.parse(to) + SECOND_MS),
        ScanBy: 'TimestampAscending',
      },
      ...(abortSignal === undefined ? [] : [{ abortSignal }]),
    );
    for await (const { AlarmHistoryItems = [] } of pages) {
      const item = AlarmHistoryItems.find(({ HistorySummary = '' }) => / to ALARM\b/.test(HistorySummary));
      if (item?.Timestamp) return item.Timestamp.toISOString();
    }
    return undefined;
  }

  async close(): Promise<void> {
    this.#client.destroy();
    return Promise.resolve();
  }

  async #call<T>(doing: string, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      if (error instanceof Error && error.name === 'AbortError') throw error;
      const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
      throw new MetricsUnavailableError(`CloudWatch did not ${doing}: ${name}: ${message}`, { cause: error });
    }
  }
}

/** Values by minute, in milliseconds since the epoch. */
type Series = Record<number, number>;

/** @throws Error where a part of the answer is missing: what is not there must not count as little */
function addPoints(
  series: Series,
  { Timestamps = [], Values = [], StatusCode, Messages = [] }: MetricDataResult,
): void {
  if (StatusCode === 'InternalError' || StatusCode === 'Forbidden') {
    throw new Error(Messages.map(({ Value }) => Value).join('; ') || StatusCode);
  }
  Timestamps.forEach((at, index) => {
    const value = Values[index];
    if (value !== undefined) series[at.getTime()] = value;
  });
}

function sumUp(series: Series): number {
  return Object.values(series).reduce((sum, value) => sum + value, 0);
}

/** What is counted only where there is some, such as errors, is 0 where that of which it is a part has data. */
function divide(values: Series, whole: number): number | undefined {
  return whole > 0 ? sumUp(values) / whole : undefined;
}

/** One number for all minutes. */
function combine(statistic: CloudWatchQuery['statistic'], values: Series, counts: Series): number | undefined {
  const all = Object.values(values);
  if (all.length === 0) return undefined;
  switch (statistic) {
    case 'Sum':
      return sumUp(values);
    case 'Average': {
      const weights = Object.keys(values).map((at) => counts[Number(at)] ?? 0);
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      return total === 0
        ? undefined
        : all.reduce((sum, value, index) => sum + value * (weights[index] ?? 0), 0) / total;
    }
    case 'Minimum':
      return Math.min(...all);
    default:
      return Math.max(...all);
  }
}
