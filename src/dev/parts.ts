import { basename, join } from 'node:path';
import type { DataFolder } from '../data-folder.ts';
import { ALLOW_VARIABLE } from '../hooks/reachable.ts';
import { locateModule } from '../host/module-path.ts';
import { findNativeTool } from '../native-tools.ts';
import { HAPROXY_VARIABLES, ROUTER_VARIABLES } from '../routing/embedded/admin-place.ts';
import { STATE_VARIABLE } from '../stacks/pulumi/state/place.ts';
import { STORE_VARIABLE } from '../store/place.ts';
import { searchAttributeFlags } from '../temporal/search-attributes.ts';
import { type Lease, formatApiAddress, formatTemporalAddress, formatTemporalUi } from '../host/dev-lease.ts';
import { createCompileCacheSetting } from '../host/program-cache.ts';
import { createPartMark } from '../host/part-mark.ts';
import { Part, type PartOptions } from './part.ts';

export type PartName = 'temporal' | 'router' | 'haproxy' | 'worker' | 'gateway';
/** `haproxy` is there where it is asked for. */
export type Parts = Record<Exclude<PartName, 'haproxy'>, Part> & { haproxy?: Part };

const program = (name: string): string => locateModule(`../${name}`, import.meta.url);

export function locateLog(folder: DataFolder, name: PartName): string {
  return join(folder.logs, `${name}.log`);
}

/**
 * In MiB, for each thread, of which the worker has two. Left to itself, Node lets it grow to four times this: while many
 * rollouts run at once a worker has 567 MiB resident instead of 425, and a gateway 420 instead of 330.
 */
const YOUNG_GENERATION = '--max-semi-space-size=16';

/** Where hooks may lead unless the environment says otherwise. */
const LOOPBACK = '127.0.0.0/8,::1';

export interface PartsOptions {
  access: string | undefined;
  blueprints: readonly string[];
  store?: string | undefined;
  state?: string | undefined;
  /** Whether services may have HAProxy as their router. */
  haproxy?: boolean | undefined;
}

export interface PartsEvents {
  onStart: (name: PartName, ...identity: Parameters<PartOptions['onStart']>) => void;
  log: PartOptions['log'];
}

type Program = Pick<PartOptions, 'command' | 'args' | 'env' | 'cwd' | 'graceMs'>;

/** The processes that make up Supplant on one machine. */
export function createParts(
  folder: DataFolder,
  lease: Pick<Lease, 'temporal' | 'api'>,
  options: PartsOptions,
  { onStart, log }: PartsEvents,
): Parts {
  const part = (name: PartName, { env, ...rest }: Program): Part =>
    new Part({
      name,
      logFile: locateLog(folder, name),
      onStart: (identity) => onStart(name, identity),
      log,
      env: { ...createCompileCacheSetting(process.env), ...env, ...createPartMark(folder.root, name) },
      ...rest,
    });
  const { temporal, router, haproxy, worker, gateway } = programs(folder, lease, options);
  return {
    temporal: part('temporal', temporal),
    router: part('router', router),
    ...(options.haproxy ? { haproxy: part('haproxy', haproxy) } : {}),
    worker: part('worker', worker),
    gateway: part('gateway', gateway),
  };
}

function programs(
  folder: DataFolder,
  lease: Pick<Lease, 'temporal' | 'api'>,
  { access, blueprints, store, state }: PartsOptions,
): Record<PartName, Program> {
  const env = {
    TEMPORAL_ADDRESS: formatTemporalAddress(lease),
    TEMPORAL_NAMESPACE: lease.temporal.namespace,
    TEMPORAL_UI_ADDRESS: formatTemporalUi(lease),
    // Not among the arguments, which everyone on this machine can read. Empty: the file in the data folder.
    [STORE_VARIABLE]: store ?? '',
    // It has routers of its own.
    [ROUTER_VARIABLES.url]: '',
    [HAPROXY_VARIABLES.url]: '',
  };
  return {
    temporal: {
      command: findNativeTool('temporal'),
      args: temporalArgs(folder, lease.temporal),
      // Its database is named by a path within, since the server pastes the path into a URL.
      cwd: folder.root,
      graceMs: 10_000,
    },
    router: {
      command: process.execPath,
      args: [program('routing/embedded/main'), '--data', folder.router, '--socket', folder.routerSocket],
      graceMs: 10_000,
    },
    haproxy: {
      command: process.execPath,
      args: [program('routing/haproxy/main'), '--data', folder.haproxy, '--socket', folder.haproxySocket],
      // Longer than it gives what is in flight itself: killed, it would leave HAProxy running.
      graceMs: 15_000,
    },
    worker: {
      command: process.execPath,
      args: [
        ...['--disable-warning=ExperimentalWarning', YOUNG_GENERATION],
        ...[program('worker'), '--data', folder.root],
        ...blueprints.flatMap((path) => ['--blueprint', path]),
      ],
      // Whoever uses it describes the services, too: what is on this machine is theirs to call.
      env: {
        [ALLOW_VARIABLE]: process.env[ALLOW_VARIABLE] ?? LOOPBACK,
        ...env,
        ...(state === undefined ? {} : { [STATE_VARIABLE]: state }),
      },
      graceMs: 45_000,
    },
    gateway: {
      command: process.execPath,
      args: [
        ...['--disable-warning=ExperimentalWarning', YOUNG_GENERATION],
        program('gateway'),
        ...['--data', folder.root, '--listen', formatApiAddress(lease)],
        ...(access === undefined ? [] : ['--access', access]),
      ],
      env,
      graceMs: 15_000,
    },
  };
}

/**
 * Measured: a write-ahead log without a sync per commit makes the dev server four times as fast, and eager execution
 * brings an activity's round trip from 80 ms to 27 ms. A power cut may cost Temporal the last moments; what was decided
 * is in the audit log, which does sync.
 *
 * By default the server reads its queue of tasks to hand out 20 times a second per shard, and has one shard here: after
 * a few rollbacks in a row each task waits up to 50 ms for its turn, three times in a rollback (161 ms against 74 ms).
 * It reads only when there is something new, so that an idle server does not work more.
 */
function temporalArgs(folder: DataFolder, { port, ui, namespace }: Lease['temporal']): string[] {
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', `${port}`],
    ...['--ui-ip', ui.host, '--ui-port', `${ui.port}`],
    ...['--namespace', namespace, '--log-level', 'warn', '--db-filename', basename(folder.temporal)],
    ...['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=normal'],
    ...['--dynamic-config-value', 'system.enableActivityEagerExecution=true'],
    ...['--dynamic-config-value', 'history.transferProcessorMaxPollRPS=1000'],
    // Its HTTP API, on a port of its own, takes POSTs of any web page. Nobody here uses it: no host is allowed.
    ...['--dynamic-config-value', 'frontend.httpAllowedHosts=["none.invalid"]'],
    ...searchAttributeFlags(),
  ];
}
