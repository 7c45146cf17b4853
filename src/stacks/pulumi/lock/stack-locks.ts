import { waitUntil } from '../../../host/polling.ts';
import { identifySelf } from '../../../host/process-identity.ts';
import type { StackId } from '../../blueprint.ts';
import { OperationAborted, type OperationContext, StackBusyError } from '../../driver.ts';
import type { Claim, Ledger } from './ledger.ts';
import { ReleaseRetrier } from './release-retrier.ts';
import { isSame, OperationFolder, type OperationSpec } from '../operation/operation-folder.ts';
import { type LeftOutcome, findLeftOutcome, removeStaleLocks } from './recovery.ts';
import { endLeft } from '../operation/stopping.ts';
import { SWEEP, sweepLeftovers } from './sweep.ts';
import { StackLock, type StackLockParts } from './stack-lock.ts';

/** What a sweep does on a stack is over sooner: it ends at most an engine that has lost its runner. So is a look that is called off. */
const SHORT_MS = 10_000;

/** Changes nothing, so whoever wants the stack for something else has it. */
const LOOK: OperationSpec['operation'] = 'refresh';

/** Over soon, so that it is waited for. */
const SHORT: readonly (string | undefined)[] = [SWEEP, LOOK];

/**
 * Gives each stack to one operation at a time, across all workers of a data folder. What a dead worker left of the same
 * operation is carried on; of another one it is ended first.
 */
export class StackLocks {
  readonly #parts: StackLockParts;
  readonly #owner = identifySelf();
  readonly #closing = new AbortController();
  readonly #underWay = new Set<Promise<unknown>>();
  /** Stacks that an operation of this process holds. */
  readonly #held = new Set<string>();
  /** What calls off the looks among those. */
  readonly #looks = new Map<string, AbortController>();
  readonly #releases: ReleaseRetrier;
  #sweeping: Promise<void> | undefined;

  constructor(parts: StackLockParts) {
    this.#parts = parts;
    this.#releases = new ReleaseRetrier((id) => this.#held.has(key(id)), parts.log);
  }

  /**
   * @throws StackBusyError while another operation holds the stack
   * @throws OperationAborted when the signal came before the operation could begin
   */
  async take<T>(spec: OperationSpec, context: OperationContext, work: (lock: StackLock) => Promise<T>): Promise<T> {
    const yielding = new AbortController();
    const signal = AbortSignal.any([context.signal, this.#closing.signal, yielding.signal]);
    if (signal.aborted) throw new OperationAborted(`the operation on ${spec.id.stack} was stopped before it began`);
    const running = this.#hold(spec, { ...context, signal }, { work, yielding });
    const ended = running.catch(() => undefined);
    this.#underWay.add(ended);
    try {
      return await running;
    } catch (error) {
      if (!yielding.signal.aborted || !(error instanceof OperationAborted)) throw error;
      throw new StackBusyError(`${spec.id.stack} is wanted for something else`);
    } finally {
      this.#underWay.delete(ended);
    }
  }

  /** Clears up what dead workers left and nobody may ask for again. One at a time: callers share it. */
  sweep(): Promise<void> {
    this.#sweeping ??= this.#sweep();
    return this.#sweeping;
  }

  /** Stops what is under way, cleanly first, and waits for its end. Later operations are refused. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#sweeping;
    await Promise.all(this.#underWay);
    this.#releases.close();
  }

  /** What could not be cleared up is no reason for others not to be worked on; the next sweep finds it again. */
  async #sweep(): Promise<void> {
    try {
      await sweepLeftovers({ ...this.#parts, releases: this.#releases }, this.#owner);
    } catch (error) {
      this.#parts.log('warn', 'what a dead worker left cannot be cleared up', { reason: String(error) });
    } finally {
      this.#sweeping = undefined;
    }
  }

  /** Returns the dead worker's claim that it takes the place of, if any. */
  async #claim({ id, operation }: OperationSpec): Promise<Claim | undefined> {
    let claimed: ReturnType<Ledger['claim']> = {};
    await waitUntil(SHORT_MS, () => {
      // A sweep of this process's own holds stacks, too.
      const holds = this.#held.has(key(id)) || this.#sweeping !== undefined;
      claimed = this.#parts.ledger.claim(id, operation, this.#owner, holds);
      // At once, since whoever asks next must not take it for one that was left.
      if (!claimed.busy) this.#held.add(key(id));
      if (operation !== LOOK) this.#looks.get(key(id))?.abort();
      return !SHORT.includes(claimed.busy?.operation);
    });
    const { busy, left } = claimed;
    if (busy) throw new StackBusyError(`${id.stack} is busy: ${described(busy)}`);
    return left;
  }

  async #hold<T>(
    spec: OperationSpec,
    context: OperationContext,
    { work, yielding }: { work: (lock: StackLock) => Promise<T>; yielding: AbortController },
  ): Promise<T> {
    const { ledger, store } = this.#parts;
    const claim = await this.#claim(spec);
    if (spec.operation === LOOK) this.#looks.set(key(spec.id), yielding);
    try {
      void this.sweep();
      const left = claim && (await this.#takeOver(claim, spec, context));
      if (!left) await removeStaleLocks(store, spec.id);
      const lock = new StackLock(this.#parts, spec, context, left);
      try {
        return await work(lock);
      } finally {
        await lock.end();
      }
    } finally {
      this.#held.delete(key(spec.id));
      if (spec.operation === LOOK) this.#looks.delete(key(spec.id));
      this.#releases.of(spec.id, () => ledger.release(spec.id, this.#owner));
    }
  }

  /** What a dead worker left, where it is what is wanted; anything else of it is ended. */
  async #takeOver(claim: Claim, spec: OperationSpec, context: OperationContext): Promise<LeftOutcome | undefined> {
    const left = await findLeftOutcome(claim);
    // What a look has found counts for the moment in which it was asked for.
    const isWanted = left !== undefined && spec.operation !== LOOK && isSame(left.spec, spec);
    const message = `${isWanted ? 'carries on' : 'ends'} what a dead worker left: ${described(claim)}`.slice(0, 200);
    context.onProgress({ operation: spec.operation, done: 0, inProgress: [], message });
    if (isWanted) return left;
    if (claim.folder !== undefined) await endLeft(new OperationFolder(claim.folder), this.#parts.settings.stopGraceMs);
    this.#parts.ledger.noteFolder(spec.id, undefined);
    return undefined;
  }
}

function key({ project, stack }: StackId): string {
  return `${project}/${stack}`;
}

function described({ operation, owner, startedAt }: Claim): string {
  return `pulumi ${operation} of process ${owner.pid}, begun ${startedAt}`;
}
