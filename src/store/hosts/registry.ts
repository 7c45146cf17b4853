import type { Host, WorkerFacts } from '../../domain/hosts/host.ts';
import type { StackName } from '../../domain/reaper/facts.ts';

/** Who gives a sign of life. */
export interface HostSign extends Pick<Host, 'id' | 'name' | 'version'> {
  /** One of the workers of the host; its id is one that no other process has. */
  worker: WorkerFacts & {
    id: string;
    /** Which copy of the host's data folder it works on; two that are alike can see each other's processes. */
    copy?: string;
  };
}

/** Another copy of a data folder that works for the same host. */
export interface OtherCopy {
  /** The name of the machine that it is on. */
  machine: string;
  /** When a worker there was seen last, in milliseconds since 1970. */
  lastSeen: number;
  /** How long it had not been seen when this was read, in milliseconds. */
  unseenMs: number;
}

/** What a worker has found on its host. */
export interface Inventory {
  found: StackName[];
  /** Why the rest was not found, in words. */
  missing?: string;
}

/** Which hosts there are, by the clock of the database: those of machines differ. All writes may be repeated. */
export interface HostRegistry {
  /** A worker of it is there now. One that was forgotten is known again. */
  announce(sign: HostSign): Promise<void>;
  /** A worker of it has ended in order: it serves no pool from now on. When its host was seen stays as it is. */
  withdraw(host: string, worker: string): Promise<void>;
  /** The worker seen last that works for the host with another copy of its data folder. */
  findOtherCopy(host: string, copy: string): Promise<OtherCopy | undefined>;
  /** By id. */
  list(): Promise<Host[]>;
  find(id: string): Promise<Host | undefined>;
  /**
   * Somebody says that it does not come back. False where it was seen within `AWAY_AFTER_MS`, and nothing has changed then. One
   * that no worker was ever seen of is put down as forgotten, too.
   */
  forget(id: string, by: { actor: string; reason: string }): Promise<boolean>;
  /** Takes the place of the one before. */
  saveInventory(host: string, inventory: Inventory): Promise<void>;
  inventory(host: string): Promise<Inventory | undefined>;
}
