import { LATENCY_BOUNDS_MS } from '../embedded/series-count.ts';

/*
 * HAProxy itself counts how long requests took until their answer began: a row of counters for each backend, one for each
 * bucket and the last for all above. What it tells otherwise, averages of the last 1,024 requests, makes no percentiles; a log
 * of every request would have to be read by somebody, and may lose lines.
 */

/** The stick table with the counters. */
export const LATENCIES = 'latencies';

/** The stick counter that a request has for it; the two before it are for its turn, and for upgrades. */
const COUNTER = 2;

/** Each is looked at in turn for each answer, up to that of its group; the least are the most frequent ones. */
const GROUP = 4;

/** Rules of the frontend. For every answer, HAProxy's own among them. */
export function renderLatencyRules(): string {
  const buckets = LATENCY_BOUNDS_MS.map((bound, index) => {
    const from = toMicroseconds(LATENCY_BOUNDS_MS[index - 1] ?? 0) + 1;
    const range = index === 0 ? `le ${toMicroseconds(bound)}` : `${from}:${toMicroseconds(bound)}`;
    const isLast = (index + 1) % GROUP === 0;
    return [count(index, range), ...(isLast ? [`allow if ${took(`le ${toMicroseconds(bound)}`)}`] : [])];
  });
  const beyond = count(LATENCY_BOUNDS_MS.length, `gt ${toMicroseconds(LATENCY_BOUNDS_MS.at(-1) ?? 0)}`);
  const rules = ['set-var(txn.took) date(0,us),sub(txn.began)', ...buckets.flat(), beyond];
  return ['  http-request set-var(txn.began) date(0,us)', ...rules.map((rule) => `  http-after-response ${rule}`)].join(
    '\n',
  );
}

/** A rule of each backend. */
export const LATENCY_TRACKING = `  http-request track-sc${COUNTER} be_name table ${LATENCIES}`;

/** @param backends how many there are to be counted */
export function renderLatencyTable(backends: number): string {
  return `  stick-table type string len 16 size ${backends} nopurge store gpc(${LATENCY_BOUNDS_MS.length + 1})`;
}

/**
 * Reads `show table`: for each backend that had a request, how many are in each bucket. Undefined where there is no such
 * table: a HAProxy that an earlier version of Supplant has started counts no latencies.
 */
export function parseLatencies(table: string): Map<string, number[]> | undefined {
  if (!table.startsWith(`# table: ${LATENCIES},`)) return undefined;
  const rows = table.matchAll(/ key=(\S+) (.*)$/gm);
  return new Map(
    [...rows].map(([, backend = '', counters = '']) => [
      backend,
      [...counters.matchAll(/\bgpc\d+=(\d+)/g)].map(([, value]) => Number(value)),
    ]),
  );
}

/** What is counted of a backend whose answers are timed. */
interface Timed {
  answered: number;
  /** Of these, those whose client went before there was an answer: how long it had waited HAProxy does not tell. */
  givenUp: number;
}

/**
 * A backend's latencies, with one for each request: what has no time counts as slower than all that is measured, so that
 * whoever hangs never looks fast.
 *
 * @param timed read after `counts` were
 */
export function completeLatencies({ answered, givenUp }: Timed, timed: readonly number[] = []): number[] {
  const untimed = Math.max(0, answered - givenUp - timed.reduce((sum, each) => sum + each, 0));
  const last = LATENCY_BOUNDS_MS.length;
  return Array.from({ length: last + 1 }, (_, index) => (timed[index] ?? 0) + (index === last ? givenUp + untimed : 0));
}

function count(bucket: number, range: string): string {
  return `set-var(txn.counted) sc_inc_gpc(${bucket},${COUNTER}) if ${took(range)}`;
}

function took(range: string): string {
  return `{ var(txn.took) -m int ${range} }`;
}

function toMicroseconds(ms: number): number {
  return Math.round(ms * 1_000);
}
