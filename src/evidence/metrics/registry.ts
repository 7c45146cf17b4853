import { formatRevisionName } from '../../domain/service/revision.ts';
import type { CloudWatch } from './cloudwatch.ts';
import { type AlarmProvider, MetricsUnavailableError, type RevisionMetrics } from './provider.ts';
import { buildRevisionQueries } from './revision-query.ts';

/** The clients of CloudWatch, by region: each is opened when somebody first asks for something there. */
class CloudWatchClients {
  readonly #opened = new Map<string, Promise<CloudWatch>>();

  /** @param region where the SDK's standard chain says unless told */
  async of(region?: string): Promise<CloudWatch> {
    const key = region ?? '';
    const opened = this.#opened.get(key) ?? this.#open(region);
    this.#opened.set(key, opened);
    try {
      return await opened;
    } catch (error) {
      // What could not be opened is tried again by the next who asks.
      this.#opened.delete(key);
      throw error;
    }
  }

  async #open(region: string | undefined): Promise<CloudWatch> {
    const { CloudWatch } = await import('./cloudwatch.ts');
    return CloudWatch.open(region === undefined ? {} : { region });
  }
}

/** The alarms and metrics that a bake may watch. One line for each place that has some. */
export function createMetricProviders(): AlarmProvider & RevisionMetrics {
  const clients = new CloudWatchClients();
  return {
    async readAlarms(names, window, signal) {
      return (await clients.of()).readAlarms(names, window, signal);
    },

    async readMetric(spec, subject, window, signal) {
      const queries = buildRevisionQueries(spec, subject);
      if (queries.length === 0) {
        const name = formatRevisionName(subject.revision);
        throw new MetricsUnavailableError(
          `${name} has no target group of a load balancer; name the dimensions of ${spec.name}`,
        );
      }
      return Promise.all(queries.map(async (query) => (await clients.of(query.region)).read(query, window, signal)));
    },
  };
}
