import type { ServiceKey } from '../../domain/service/service.ts';
import { formatRevisionName } from '../../domain/service/revision.ts';
import type { TrafficCount } from './traffic-count.ts';

/** Prometheus' text format, version 0.0.4. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** What is told of one revision that is in a route. */
export interface CountedTarget {
  service: ServiceKey;
  revision: number;
  weight: number;
  count: TrafficCount;
}

type Labels = Readonly<Record<string, string>>;
type Sample = [suffix: string, labels: Labels, value: number];

/** One metric: its name, its type, what it is, and what it says of a revision. */
interface Family {
  name: string;
  type: 'counter' | 'gauge' | 'histogram';
  help: string;
  read(target: CountedTarget): Sample[];
}

const FAMILIES: readonly Family[] = [
  {
    name: 'supplant_router_requests_total',
    type: 'counter',
    help: 'Requests of which the outcome is known.',
    read: ({ count }) => [['', {}, count.series.read().requests]],
  },
  {
    name: 'supplant_router_request_errors_total',
    type: 'counter',
    help: 'Of these, the answers with a status from 500 on, and the requests without a whole answer.',
    read: ({ count }) => {
      const { errors, unanswered } = count.series.read();
      return [
        ['', { reason: 'status' }, errors - unanswered],
        ['', { reason: 'unanswered' }, unanswered],
      ];
    },
  },
  {
    name: 'supplant_router_request_duration_seconds',
    type: 'histogram',
    help: 'How long requests took until their answer began, or they were given up.',
    read: readDurations,
  },
  {
    name: 'supplant_router_requests_in_flight',
    type: 'gauge',
    help: 'Requests and upgraded connections that have not finished.',
    read: ({ count }) => [['', {}, count.inFlight]],
  },
  {
    name: 'supplant_router_revision_weight',
    type: 'gauge',
    help: 'Share of new requests, 0 to 100.',
    read: ({ weight }) => [['', {}, weight]],
  },
];

/** What a router has counted, as Prometheus reads it. */
export function formatMetrics(targets: readonly CountedTarget[]): string {
  const lines = FAMILIES.flatMap((family) => {
    const samples = targets.flatMap((target) =>
      family.read(target).map((sample) => writeSample(family, target, sample)),
    );
    return [`# HELP ${family.name} ${family.help}`, `# TYPE ${family.name} ${family.type}`, ...samples];
  });
  return `${lines.join('\n')}\n`;
}

/** Its buckets count everything up to their bounds. */
function readDurations({ count: { series } }: CountedTarget): Sample[] {
  const { requests, latency } = series.read();
  let upTo = 0;
  const buckets = latency.boundsMs.map((bound, index): Sample => {
    upTo += latency.counts[index] ?? 0;
    return ['_bucket', { le: String(bound / 1000) }, upTo];
  });
  return [
    ...buckets,
    ['_bucket', { le: '+Inf' }, requests],
    ['_sum', {}, series.sumMs / 1000],
    ['_count', {}, requests],
  ];
}

/** Names of services and revisions hold nothing that would have to be escaped. */
function writeSample({ name }: Family, { service, revision }: CountedTarget, [suffix, labels, value]: Sample): string {
  const all = {
    service: service.name,
    environment: service.environment,
    revision: formatRevisionName(revision),
    ...labels,
  };
  const written = Object.entries(all).map(([label, text]) => `${label}="${text}"`);
  return `${name}${suffix}{${written.join(',')}} ${value}`;
}
