import type { EngineFolders } from './environment.ts';
import type { SilenceLimits } from '../operation/stopper.ts';

/** What all operations of a worker have in common. Holds no secret. */
export interface RunnerSettings extends SilenceLimits {
  /** The driver's folder for all that must outlive a worker. */
  dataDir: string;
  folders: EngineFolders;
  passphraseFile: string;
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
