import type { CloudKey } from '../state/checkpoint.ts';
import type { LeaseAccess } from '../lock/ledger.ts';
import { STATE_VARIABLE, type StatePlace } from '../state/place.ts';
import type { SilenceLimits } from '../operation/stopper.ts';

/** What all operations of a worker have in common. */
export interface RunnerSettings extends SilenceLimits {
  /** The driver's folder for all that must outlive a worker. */
  dataDir: string;
  /** The engine's own folder: `PULUMI_HOME`. */
  home: string;
  state: StatePlace;
  /** The secret that encrypts the state, and by which marks of drift are made; where there is a key, only those. */
  passphraseFile: string;
  /** What encrypts the state instead. */
  cloudKey?: CloudKey;
  pulumiPath: string;
  /** Modules of the blueprints to serve. */
  blueprints: string[];
  /** Between one request to stop and the next, stronger one, in milliseconds. */
  stopGraceMs: number;
  /** Where compiled sources are kept, for the next start. */
  cacheDir: string;
  /** How a claim is kept while an engine works; missing where no lease counts. */
  lease?: LeaseSettings;
}

/** The leases of one host's claims. */
export interface LeaseSettings {
  /** The holder's; see `host-id.ts`. */
  host: string;
  leaseMs: number;
  access: LeaseAccess;
}

/** As a worker is told it by its user, too. */
const STORE_VARIABLE = 'SUPPLANT_STORE';

/** From a worker: the path of an operation's folder. */
export interface RunnerTask {
  run: string;
}

/** To the worker: it can take tasks, or what it was given is over. */
export type RunnerReport = { ready: true } | { over: string };

/** Settings for a process of its own: its arguments are everybody's to read, its environment is not. */
export function passSettings(settings: RunnerSettings): { argument: string; env: Record<string, string> } {
  const { state, lease } = settings;
  const shown = {
    ...settings,
    ...(state.kind === 'folder' ? {} : { state: { kind: state.kind } }),
    ...(lease ? { lease: { ...lease, access: { module: lease.access.module } } } : {}),
  };
  return {
    argument: JSON.stringify(shown),
    env: {
      ...(state.kind === 'folder' ? {} : { [STATE_VARIABLE]: state.url }),
      ...(lease ? { [STORE_VARIABLE]: lease.access.place } : {}),
    },
  };
}

/** The settings that a process was passed. What it starts does not find them. */
export function receiveSettings(argument: string, env: NodeJS.ProcessEnv): RunnerSettings {
  const settings = JSON.parse(argument) as RunnerSettings;
  const { [STATE_VARIABLE]: url = '', [STORE_VARIABLE]: place = '' } = env;
  for (const name of [STATE_VARIABLE, STORE_VARIABLE]) Reflect.deleteProperty(env, name);
  const { state, lease } = settings;
  return {
    ...settings,
    ...(state.kind === 'folder' ? {} : { state: { kind: state.kind, url } }),
    ...(lease ? { lease: { ...lease, access: { ...lease.access, place } } } : {}),
  };
}
