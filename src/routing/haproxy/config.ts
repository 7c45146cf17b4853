import { COHORT_KEY, COHORT_MAPS, type CohortMap } from './cohort-map.ts';
import { LATENCIES, LATENCY_TRACKING, renderLatencyRules, renderLatencyTable } from './latency.ts';
import { REFUSAL_KEY, ROUND } from './route-map.ts';
import { SLOT_NUMBERS, formatSlot } from './slots.ts';
import type { Server } from './wanted.ts';

/** Names of what the configuration below makes, as orders and statistics have them. */
export const FRONTEND = 'service';
export const ROUTE_MAP = 'route.map';
export const UPGRADED = 'upgraded';

export interface Settings {
  /** An address of this machine, or all of them. */
  listen: string;
  port: number;
  /** Networks whose word on a request's origin counts beside this machine's. */
  proxies: readonly string[];
  runtimeSocket: string;
  threads: number;
  /** By slot. */
  servers: ReadonlyMap<number, readonly Server[]>;
}

/** What the service did not answer, HAProxy does, in the words of Supplant's own router. */
const ANSWERS: readonly [number, string][] = [
  [502, 'the revision did not answer: it closed the connection, or its answer is malformed'],
  [503, 'the revision did not answer: no endpoint of it takes connections'],
  [504, 'the revision did not answer: it has been silent for too long'],
];

/**
 * The configuration of one service's HAProxy. Everything that changes in its life changes through the runtime socket; what
 * is here makes the same of a process that is started anew. docs/reference/router-haproxy.md says what it does.
 */
export function renderConfig(settings: Settings): string {
  return [
    renderGlobal(settings),
    renderDefaults(),
    renderFrontend(settings),
    'backend nobody',
    `  http-request return status 503 content-type application/json lf-string "%[str(${REFUSAL_KEY}),map(${ROUTE_MAP})]" hdr Connection close`,
    '',
    '# Counts requests, so that each has its number in the round.',
    'backend turns',
    '  stick-table type integer size 1 store gpc0',
    '',
    '# Connections that changed their protocol, by backend.',
    `backend ${UPGRADED}`,
    `  stick-table type string len 16 size ${2 * SLOT_NUMBERS.length} store conn_cur`,
    '',
    '# Counts answers by how long they took to begin, by backend.',
    `backend ${LATENCIES}`,
    renderLatencyTable(2 * SLOT_NUMBERS.length),
    '',
    ...SLOT_NUMBERS.map((number) => renderSlot(formatSlot(number), settings.servers.get(number) ?? [])),
  ].join('\n');
}

function renderGlobal({ runtimeSocket, threads }: Settings): string {
  return `# Written by Supplant at each start of this process.
global
  nbthread ${threads}
  tune.bufsize 32768
  stats socket 'unix@${runtimeSocket}' mode 600 level admin
`;
}

function renderDefaults(): string {
  const answers = ANSWERS.map(
    ([status, error]) =>
      `  http-error status ${status} content-type application/json string '${JSON.stringify({ error })}'`,
  );
  return `defaults
  mode http
  balance roundrobin
  # Against peers that have gone, not against slow ones.
  timeout connect 5s
  timeout http-request 60s
  timeout http-keep-alive 75s
  timeout client 1h
  timeout server 1h
  timeout tunnel 24h
  option clitcpka
  option srvtcpka
  # At another server of the same backend, where there is one; no other revision is ever asked.
  retries 2
  option redispatch 1
  retry-on conn-failure empty-response
  http-reuse safe
  # Who has been quiet is told to hang up with the next answer.
  option idle-close-on-response
${answers.join('\n')}
`;
}

const COHORT_LINES = (Object.keys(COHORT_MAPS) as CohortMap[])
  .map(
    (map) =>
      `  http-request set-var(txn.cohort) var(txn.rule),field(2,:) if { var(txn.rule) -m beg ${map}: } { req.hdrs,regsub('[[:blank:]]',' ',g),map_reg(${COHORT_MAPS[map]}) -m found }`,
  )
  .join('\n');

function renderFrontend({ listen, port, proxies }: Settings): string {
  const address = listen.includes(':') ? `[${listen}]:${port} v4v6` : `${listen}:${port}`;
  return `frontend ${FRONTEND}
  bind ${address}
${renderLatencyRules()}
  acl believed src 127.0.0.0/8 ::1 ${proxies.join(' ')}
  http-request del-header ^(forwarded|x-forwarded-.*)$ -m reg unless believed
  option forwardfor
  http-request set-header X-Forwarded-Proto http unless { req.hdr(X-Forwarded-Proto) -m found }
  http-request set-header X-Forwarded-Host %[req.hdr(Host)] unless { req.hdr(X-Forwarded-Host) -m found }
  http-request set-var(txn.rule) str(${COHORT_KEY}),map(${ROUTE_MAP})
${COHORT_LINES}
  http-request track-sc0 int(0) table turns
  http-request set-var(txn.turn) sc0_inc_gpc0,mod(${ROUND}) unless { var(txn.cohort) -m found }
  use_backend %[var(txn.cohort)] if { var(txn.cohort) -m found }
  use_backend %[var(txn.turn),map(${ROUTE_MAP},nobody)]
`;
}

function renderSlot(name: string, servers: readonly Server[]): string {
  const lines = servers.map((server) => `  server ${formatServer(server)}`);
  return `backend ${name}
  # What may have had an effect is not sent twice.
  http-request disable-l7-retry unless METH_GET or METH_HEAD
${LATENCY_TRACKING}
  http-response track-sc1 be_name table ${UPGRADED} if { status 101 }
${lines.map((line) => `${line}\n`).join('')}`;
}

/**
 * A server with its settings, as the configuration and `add server` have it. One that is added takes no defaults over, and
 * would keep no idle connection. They are not kept for long: services close them.
 */
export function formatServer({ name, address, port, weight }: Server): string {
  const place = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  return `${name} ${place} weight ${weight} pool-max-conn -1 pool-purge-delay 2s`;
}
