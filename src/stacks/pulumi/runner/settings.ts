import type { CloudKey } from '../state/checkpoint.ts';
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
}

/** From a worker: the path of an operation's folder. */
export interface RunnerTask {
  run: string;
}

/** To the worker: it can take tasks, or what it was given is over. */
export type RunnerReport = { ready: true } | { over: string };

/** Settings for a process of its own: its arguments are everybody's to read, its environment is not. */
export function passSettings(settings: RunnerSettings): { argument: string; env: Record<string, string> } {
  const { state } = settings;
  if (state.kind === 'folder') return { argument: JSON.stringify(settings), env: {} };
  return {
    argument: JSON.stringify({ ...settings, state: { kind: state.kind } }),
    env: { [STATE_VARIABLE]: state.url },
  };
}

/** The settings that a process was passed. What it starts does not find them. */
export function receiveSettings(argument: string, env: NodeJS.ProcessEnv): RunnerSettings {
  const settings = JSON.parse(argument) as RunnerSettings;
  const { [STATE_VARIABLE]: url = '' } = env;
  Reflect.deleteProperty(env, STATE_VARIABLE);
  const { kind } = settings.state;
  return kind === 'folder' ? settings : { ...settings, state: { kind, url } };
}
