import type { Tally } from './slots.ts';

/** What HAProxy has counted in one backend. */
export interface BackendCounts extends Tally {
  /** Requests and upgraded connections not yet finished. */
  inFlight: number;
}

/** The same, before latencies are added. */
export interface FoundCounts extends Omit<BackendCounts, 'latencies'> {
  /** Of those that were answered, those whose client went before there was a status. */
  givenUp: number;
}

/** One whose client went before there was a status is in it. */
const WITHOUT_STATUS = 'hrsp_other';

/** A request is in one of them once it is over. */
const OUTCOMES = ['hrsp_1xx', 'hrsp_2xx', 'hrsp_3xx', 'hrsp_4xx', 'hrsp_5xx', WITHOUT_STATUS];

/**
 * Reads `show stat`: CSV whose first line names the columns
 * (https://docs.haproxy.org/2.6/management.html#9.1).
 */
export function parseBackendCounts(csv: string): Map<string, FoundCounts> {
  const [head = '', ...lines] = csv.replace(/^# /, '').split('\n');
  const columns = head.split(',');
  const counts = new Map<string, FoundCounts>();
  for (const line of lines) {
    const fields = line.split(',');
    const read = (column: string): string => fields[columns.indexOf(column)] ?? '';
    if (read('svname') !== 'BACKEND') continue;
    counts.set(read('pxname'), {
      inFlight: Number(read('scur')),
      served: Number(read('stot')),
      failed: Number(read('econ')) + Number(read('eresp')),
      answered: OUTCOMES.reduce((sum, column) => sum + Number(read(column)), 0),
      errors: Number(read('hrsp_5xx')),
      givenUp: Number(read(WITHOUT_STATUS)),
    });
  }
  return counts;
}

/** Reads `show table`: how many connections are counted under each key at this moment. */
export function parseConnections(table: string): Map<string, number> {
  const entries = table.matchAll(/ key=(\S+) .*conn_cur=(\d+)/g);
  return new Map([...entries].map(([, key = '', count]) => [key, Number(count)]));
}

/** A server that HAProxy has. */
export interface FoundServer {
  backend: string;
  name: string;
  weight: number;
  /** It takes requests, apart from its weight. */
  isReady: boolean;
}

/** Reads `show servers state`: a version, a line that names the columns, and a line for each server. */
export function parseServers(text: string): FoundServer[] {
  const [, head = '', ...lines] = text.split('\n');
  const columns = head.replace(/^# /, '').split(' ');
  return lines.flatMap((line) => {
    const fields = line.split(' ');
    const read = (column: string): string => fields[columns.indexOf(column)] ?? '';
    if (read('srv_name') === '') return [];
    return [
      {
        backend: read('be_name'),
        name: read('srv_name'),
        weight: Number(read('srv_uweight')),
        isReady: Number(read('srv_admin_state')) === 0,
      },
    ];
  });
}
