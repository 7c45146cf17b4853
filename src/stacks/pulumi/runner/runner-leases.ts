import { pathToFileURL } from 'node:url';
import type { ClaimKey, LeaseLog, OpenLeases } from '../lock/ledger.ts';
import { LeaseWatch, type WatchedLease } from '../lock/lease-watch.ts';
import type { OperationSpec } from '../operation/operation-folder.ts';
import { type Outcome, wasAborted } from '../operation/outcome.ts';
import type { LeaseSettings } from './settings.ts';

/** The claims of a runner's operations, which it keeps while an engine works: its worker may be gone. */
export class RunnerLeases {
  readonly #settings: LeaseSettings;
  #log: Promise<LeaseLog> | undefined;

  constructor(settings: LeaseSettings) {
    this.#settings = settings;
  }

  /** Keeps the operation's claim until it is disposed of. None where it has no lease. */
  watch(spec: OperationSpec, onStep: WatchedLease['onStep']): LeaseWatch | undefined {
    const key = this.#keyOf(spec);
    if (!key || spec.provenAt === undefined) return undefined;
    const { leaseMs } = this.#settings;
    // While the engine starts: what comes of it is not to wait for that.
    void this.#open().catch(() => undefined);
    const renew = async (): Promise<boolean> => (await this.#open()).renew(key, leaseMs);
    return new LeaseWatch({ leaseMs, provenAt: spec.provenAt, renew, onStep });
  }

  /** Keeps what came of the operation for another host, should this one be lost before its worker has heard of it. */
  async keep(spec: OperationSpec, folder: string, outcome: Outcome): Promise<void> {
    const key = this.#keyOf(spec);
    if (key && !wasAborted(outcome)) await (await this.#open()).keep(key, folder, { spec, outcome });
  }

  #keyOf({ id, token }: OperationSpec): ClaimKey | undefined {
    return token === undefined ? undefined : { id, host: this.#settings.host, token };
  }

  /** Loaded for the first operation: a runner's start is what that waits for. */
  async #open(): Promise<LeaseLog> {
    const { module, place } = this.#settings.access;
    this.#log ??= import(pathToFileURL(module).href).then(({ openLeases }: { openLeases: OpenLeases }) =>
      openLeases(place),
    );
    try {
      return await this.#log;
    } catch (error) {
      this.#log = undefined;
      throw error;
    }
  }
}
