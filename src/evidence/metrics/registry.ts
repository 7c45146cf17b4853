import type { MetricSpec } from '../../domain/evidence/metric-spec.ts';
import { formatRevisionName } from '../../domain/service/revision.ts';
import type { CloudWatch } from './cloudwatch.ts';
import { readCommand } from './command.ts';
import { readHttpJson } from './http-json.ts';
import { readPrometheus } from './prometheus.ts';
import {
  type AlarmProvider,
  MetricQueryError,
  MetricsUnavailableError,
  type ReadMetric,
  type RevisionMetrics,
} from './provider.ts';
import { buildRevisionQueries } from './revision-query.ts';
import { readRouterSeries } from './router-series.ts';

type Readers = { [Kind in MetricSpec['kind']]: ReadMetric<Extract<MetricSpec, { kind: Kind }>> };

/** The places that have numbers. A new one is its file and a line here. */
function createReaders(clients: CloudWatchClients): Readers {
  return {
    cloudwatch: async (spec, subject, window, signal) => {
      const queries = buildRevisionQueries(spec, subject);
      if (queries.length === 0) {
        const name = formatRevisionName(subject.revision);
        throw new MetricsUnavailableError(
          `${name} has no target group of a load balancer; name the dimensions of ${spec.name}`,
        );
      }
      return Promise.all(queries.map(async (query) => (await clients.of(query.region)).read(query, window, signal)));
    },
    command: readCommand,
    'http-json': readHttpJson,
    prometheus: readPrometheus,
    router: async (spec, subject, window) => Promise.resolve([readRouterSeries(spec, subject, window)]),
  };
}

/** The alarms and metrics that a bake may watch. */
export function createMetricProviders(): AlarmProvider & RevisionMetrics {
  const clients = new CloudWatchClients();
  const readers = createReaders(clients);
  return {
    async readAlarms(names, window, signal) {
      return (await clients.of()).readAlarms(names, window, signal);
    },

    async readMetric(spec, subject, window, signal) {
      if (!Object.hasOwn(readers, spec.kind)) {
        const known = Object.keys(readers).join(', ');
        throw new MetricQueryError(`this worker knows no metrics of ${spec.kind}; it knows ${known}`);
      }
      return (readers[spec.kind] as ReadMetric)(spec, subject, window, signal);
    },
  };
}

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
