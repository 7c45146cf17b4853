/**
 * After so long without a sign of life a host counts as away, in milliseconds. Its workers give one every
 * {@link ANNOUNCE_EVERY_MS}: a worker that is busy, or a database that restarts, may miss a few.
 */
export const AWAY_AFTER_MS = 30_000;

/** Between two signs of life of a worker, in milliseconds. */
export const ANNOUNCE_EVERY_MS = 5_000;

const HOST_ID = /^[a-z0-9][a-z0-9-]{0,48}$/;

/** Whether it can be the id of a host, which is part of a task queue's name. */
export function isHostId(value: unknown): value is string {
  return typeof value === 'string' && HOST_ID.test(value);
}

/** A data folder with workers, as the record knows it. All times are by the clock of the database. */
export interface Host {
  /** The machine's name, with a few characters that no other data folder has. */
  id: string;
  /** The machine's name as it was last. */
  name: string;
  /** Of the worker that was seen last. */
  version: string;
  /** ISO 8601; absent of one of which no worker was ever seen. */
  firstSeenAt?: string;
  lastSeenAt?: string;
  /** How long it had not been seen when this was read, in milliseconds. */
  unseenMs: number;
  /** What its workers were that were seen when it was seen last. */
  workers: SeenWorker[];
  forgotten?: Forgotten;
}

/** What a worker says of itself. */
export interface WorkerFacts {
  /** Whose engine operations it carries out. */
  pools: string[];
  /** The blueprints that it has. */
  blueprints: BlueprintVersion[];
}

/** A worker as it was seen last. */
export interface SeenWorker extends WorkerFacts {
  /** How long it had not been seen when this was read, in milliseconds. */
  unseenMs: number;
}

/** A blueprint as it is installed: what was made from it needs exactly this one. */
export interface BlueprintVersion {
  name: string;
  digest: string;
}

/** Somebody has said that a host does not come back. */
export interface Forgotten {
  /** ISO 8601. */
  at: string;
  by: string;
  reason: string;
}

/**
 * - `live`: a worker of it was seen just now.
 * - `away`: none was; what runs there is out of reach.
 * - `forgotten`: somebody has said that it does not come back, and it has not.
 * - `unknown`: stacks are bound to it, and no worker of it was ever seen.
 */
export const HOST_STATES = ['live', 'away', 'forgotten', 'unknown'] as const;
export type HostState = (typeof HOST_STATES)[number];

/** How a host is, as workflows carry it. */
export interface HostStanding {
  host: string;
  state: HostState;
  /** ISO 8601; absent where it was never seen. */
  lastSeenAt?: string;
}

/** How a host is. One that comes back after it was forgotten is as any other. */
export function judgeHost(id: string, host: Host | undefined): HostStanding {
  if (!host) return { host: id, state: 'unknown' };
  const { lastSeenAt, unseenMs } = host;
  const seen = lastSeenAt === undefined ? {} : { lastSeenAt };
  if (isForgotten(host)) return { host: id, state: 'forgotten', ...seen };
  return { host: id, state: unseenMs > AWAY_AFTER_MS ? 'away' : 'live', ...seen };
}

/** Whether it was forgotten, and not seen again since. */
export function isForgotten({ forgotten, lastSeenAt }: Pick<Host, 'forgotten' | 'lastSeenAt'>): boolean {
  return forgotten !== undefined && (lastSeenAt === undefined || lastSeenAt <= forgotten.at);
}
