import { parseArgs } from 'node:util';
import { parseListen } from '../../host/listen-address.ts';
import type { AdminDoorOptions } from './admin-door.ts';
import { type ClientPlace, parseClientPlace } from './client-place.ts';
import { LIMITS } from './limits.ts';

/** Where what is counted can be read, for whoever starts the process by other means than its arguments. */
export const METRICS_VARIABLE = 'SUPPLANT_ROUTER_METRICS';

export const USAGE = `usage: main.ts --data DIR --socket PATH [OPTION]…

  --data DIR            where router.0.json and router.1.json are kept
  --socket PATH         unix socket for the admin plane
  --grace-ms N          how long requests may go on after SIGTERM or SIGINT (${LIMITS.shutdownMs})

For clients on other machines:
  --listen IP           where clients connect: an address of this machine, 0.0.0.0 or :: (127.0.0.1)
  --address HOST        what clients call this machine; IP unless told
  --trust-proxy NET     an address or network whose Forwarded and X-Forwarded-* headers are passed on; as often as wanted

For Prometheus:
  --metrics HOST:PORT   what is counted of each revision, at /metrics; :PORT is this machine only. Not served unless told,
                        here or by ${METRICS_VARIABLE}

For workers and gateways on other machines:
  --admin HOST:PORT     the admin plane over TLS, beside the socket
  --tls-cert FILE       its certificate, PEM
  --tls-key FILE        its certificate's key, PEM
  --token-file FILE     whoever has one of these tokens may give orders
  --client-ca FILE      whoever has a certificate of this authority, PEM, may give orders

Prints {"ready":true,"pid":N} once every route is restored and the admin plane listens; with --admin and --metrics their ports, too.`;

export interface RouterProcessOptions {
  data: string;
  socket: string;
  graceMs: number;
  clients: ClientPlace;
  admin?: AdminDoorOptions;
  metrics?: { host: string; port: number };
}

const string = { type: 'string' } as const;
const OPTIONS = {
  data: string,
  socket: string,
  'grace-ms': string,
  listen: string,
  address: string,
  'trust-proxy': { ...string, multiple: true },
  metrics: string,
  admin: string,
  'tls-cert': string,
  'tls-key': string,
  'token-file': string,
  'client-ca': string,
} as const;

/** @throws Error with everything that is wrong */
export function parseRouterArguments(args: string[], env: NodeJS.ProcessEnv = {}): RouterProcessOptions {
  const { values } = parseArgs({ args, options: OPTIONS });
  const { data = '', socket = '', 'trust-proxy': proxies = [] } = values;
  const graceMs = Number(values['grace-ms'] ?? LIMITS.shutdownMs);
  const faults = [
    ...(data === '' ? ['--data is missing'] : []),
    ...(socket === '' ? ['--socket is missing'] : []),
    ...(Number.isInteger(graceMs) && graceMs >= 0 ? [] : ['--grace-ms must be a whole number of milliseconds']),
  ];
  const clients = parseClientPlace({ ...values, proxies }, faults);
  const admin = readDoor(values, faults);
  const metrics = readMetrics(values.metrics, env[METRICS_VARIABLE] ?? '', faults);
  if (faults.length > 0) throw new Error(`${faults.join('; ')}\n${USAGE}`);
  return { data, socket, graceMs, clients, ...(admin ? { admin } : {}), ...(metrics ? { metrics } : {}) };
}

function readMetrics(option: string | undefined, variable: string, faults: string[]): RouterProcessOptions['metrics'] {
  const text = option ?? variable;
  if (text === '') return undefined;
  const listen = parseListen(text);
  const name = option === undefined ? METRICS_VARIABLE : '--metrics';
  if (!listen) faults.push(`${name} ${text} is no address; write it as HOST:PORT, or :PORT for this machine only`);
  return listen;
}

type DoorValues = Readonly<Partial<Record<'admin' | 'tls-cert' | 'tls-key' | 'token-file' | 'client-ca', string>>>;

function readDoor(values: DoorValues, faults: string[]): AdminDoorOptions | undefined {
  const {
    admin,
    'tls-cert': certFile,
    'tls-key': keyFile,
    'token-file': tokenFile,
    'client-ca': clientCaFile,
  } = values;
  if (admin === undefined) {
    if (certFile ?? keyFile ?? tokenFile ?? clientCaFile) {
      faults.push('--tls-cert, --tls-key, --token-file and --client-ca are for --admin HOST:PORT, which is missing');
    }
    return undefined;
  }
  const listen = parseListen(admin);
  if (!listen) faults.push(`--admin ${admin} is no address; write it as HOST:PORT`);
  if (certFile === undefined || keyFile === undefined) faults.push('--admin needs --tls-cert and --tls-key');
  if (tokenFile === undefined && clientCaFile === undefined) {
    faults.push('--admin needs --token-file or --client-ca, or nobody could give orders');
  }
  if (!listen || certFile === undefined || keyFile === undefined) return undefined;
  return { listen, certFile, keyFile, tokenFile, clientCaFile };
}
