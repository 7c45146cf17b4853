import { setTimeout as sleep } from 'node:timers/promises';
import { readBootClock } from '../../../host/boot-clock.ts';
import { formatStackId } from '../../../domain/reaper/facts.ts';
import type { StackId } from '../../blueprint.ts';
import { EngineError, OperationAborted, type OperationContext, StackBusyError } from '../../driver.ts';
import type { Claim, Holder } from './ledger.ts';
import { processHolds } from './process-holds.ts';
import { ReleaseRetrier } from './release-retrier.ts';
import { isSame, OperationFolder, type OperationSpec } from '../operation/operation-folder.ts';
import { type LeftOutcome, findLeftOutcome, removeDeadLocks, removeStaleLocks } from './recovery.ts';
import { endLeft } from '../operation/stopping.ts';
import { SWEEP, sweepLeftovers } from './sweep.ts';
import { StackLock, type StackLockParts } from './stack-lock.ts';
import { LeaseWatch } from './lease-watch.ts';
import { isElsewhere, judgeClaim } from './succession.ts';

/** What a sweep does on a stack is over sooner: it ends at most an engine that has lost its runner. So is a look that is called off. */
const SHORT_MS = 10_000;

/** Between two sweeps, in milliseconds: what nobody asks for again is not left for ever. */
const SWEEP_EVERY_MS = 30_000;

/** How often it is looked whether another host is through with a stack. */
const FAR_LOOK_MS = 1_000;

/** Changes nothing, so whoever wants the stack for something else has it. */
const LOOK: OperationSpec['operation'] = 'refresh';

/** Over soon, so that it is waited for. */
const SHORT: readonly (string | undefined)[] = [SWEEP, LOOK];

/** A stack that was claimed just now. */
interface Taken {
  claim: Claim;
  /** The claim that it has taken the place of, if any. */
  left?: Claim;
  /** By {@link readBootClock}. */
  sentAt: number;
}

/** What calls an operation off, beside who has asked for it. */
interface Ends {
  /** Another operation wants the stack. */
  yielding: AbortController;
  /** The claim is not proven to be ours any more. */
  losing: AbortController;
}

/**
 * Gives each stack to one operation at a time, across all workers of an installation. What a dead worker of this host left of
 * the same operation is carried on; of another one it is ended first. What another host works on is waited for, until that
 * has ended or has lost its lease.
 */
export class StackLocks {
  readonly #parts: StackLockParts;
  readonly #holder: Holder;
  /** Whether everybody who uses the ledger is on this machine. */
  readonly #isAlone: boolean;
  readonly #closing = new AbortController();
  readonly #underWay = new Set<Promise<unknown>>();
  /** What calls off the looks among those. */
  readonly #looks = new Map<string, AbortController>();
  readonly #releases: ReleaseRetrier;
  readonly #sweeps: NodeJS.Timeout;
  #sweeping: Promise<void> | undefined;

  constructor(parts: StackLockParts) {
    this.#parts = parts;
    this.#holder = parts.holder;
    this.#isAlone = parts.ledger.leases === undefined;
    this.#releases = new ReleaseRetrier(parts.holder.host, parts.log);
    this.#sweeps = setInterval(() => void this.sweep(), SWEEP_EVERY_MS).unref();
  }

  /** @throws OperationAborted where `take` would, before anything is looked at */
  refuseEnded(spec: Pick<OperationSpec, 'id'>, { signal }: Pick<OperationContext, 'signal'>): void {
    if (signal.aborted || this.#closing.signal.aborted) throw createUnbegun(spec);
  }

  /**
   * @throws StackBusyError while another operation of this host holds the stack
   * @throws OperationAborted when the signal came before the operation could begin
   */
  async take<T>(spec: OperationSpec, context: OperationContext, work: (lock: StackLock) => Promise<T>): Promise<T> {
    const ends: Ends = { yielding: new AbortController(), losing: new AbortController() };
    const signal = AbortSignal.any([
      ...[context.signal, this.#closing.signal],
      ...[ends.yielding.signal, ends.losing.signal],
    ]);
    this.refuseEnded(spec, context);
    const running = this.#hold(spec, { ...context, signal }, { work, ends });
    const ended = running.catch(() => undefined);
    this.#underWay.add(ended);
    try {
      return await running;
    } catch (error) {
      if (!(error instanceof OperationAborted) || context.signal.aborted) throw error;
      if (ends.losing.signal.aborted) throw createLost(spec.id, error.details);
      if (!ends.yielding.signal.aborted) throw error;
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
    clearInterval(this.#sweeps);
    await this.#sweeping;
    await Promise.all(this.#underWay);
    this.#releases.close();
  }

  /** What could not be cleared up is no reason for others not to be worked on; the next sweep finds it again. */
  async #sweep(): Promise<void> {
    try {
      await sweepLeftovers({ ...this.#parts, releases: this.#releases, holds: (id) => this.#holds(id) });
    } catch (error) {
      this.#parts.log('warn', 'what a dead worker left cannot be cleared up', { reason: String(error) });
    } finally {
      this.#sweeping = undefined;
    }
  }

  /** Waits for what is over soon, and for another host. */
  async #claim(spec: OperationSpec, context: OperationContext): Promise<Taken> {
    const { id, operation } = spec;
    const deadline = performance.now() + SHORT_MS;
    for (let pause = 5; ; pause = Math.min(pause * 1.5, 100)) {
      const taken = await this.#tryToClaim(spec);
      if (!taken.busy) return taken;
      if (operation !== LOOK) this.#looks.get(formatStackId(id))?.abort();
      const { busy } = taken;
      const isFar = this.#isElsewhere(busy);
      const isWorthIt = isFar ? operation !== LOOK : SHORT.includes(busy.operation) && performance.now() < deadline;
      if (!isWorthIt) throw new StackBusyError(`${id.stack} is busy: ${this.#described(busy)}`);
      if (isFar) {
        const message = `waits for ${busy.host}, which works on it (pulumi ${busy.operation}, begun ${busy.startedAt})`;
        context.onProgress({ operation, done: 0, inProgress: [], message: message.slice(0, 200) });
      }
      await sleep(isFar ? FAR_LOOK_MS : pause, undefined, { signal: context.signal }).catch(() => undefined);
      if (context.signal.aborted) throw createUnbegun(spec);
    }
  }

  /** From before it is claimed on it counts as held, since whoever asks next must not take it for one that was left. */
  async #tryToClaim({ id, operation }: OperationSpec): Promise<(Taken & { busy?: undefined }) | { busy: Claim }> {
    const { ledger, settings } = this.#parts;
    this.#count(id, 1);
    let isTaken = false;
    try {
      const sentAt = readBootClock();
      const request = { id, operation, holder: this.#holder, leaseMs: settings.leaseMs };
      const answer = await ledger.claim(request, (present) => {
        // A sweep of this process's own holds stacks, too.
        const holds = processHolds.held.of(this.#holder.host, id) > 1 || this.#sweeping !== undefined;
        return judgeClaim(present, { holder: this.#holder, holds, isAlone: this.#isAlone });
      });
      if (answer.busy) return answer;
      isTaken = true;
      return { ...answer, sentAt };
    } finally {
      if (!isTaken) this.#count(id, -1);
    }
  }

  async #hold<T>(
    spec: OperationSpec,
    context: OperationContext,
    { work, ends }: { work: (lock: StackLock) => Promise<T>; ends: Ends },
  ): Promise<T> {
    const { ledger, store } = this.#parts;
    const { id, operation } = spec;
    const taken = await this.#claim(spec, context);
    const { claim } = taken;
    let lock: StackLock | undefined;
    const watch = this.#isAlone
      ? undefined
      : this.#watch(taken, (step) => {
          ends.losing.abort();
          if (step === 'kill') void lock?.endAtOnce().catch(() => undefined);
        });
    if (operation === LOOK) this.#looks.set(formatStackId(id), ends.yielding);
    try {
      void this.sweep();
      await store.fence?.(id, claim.token);
      const left = taken.left && (await this.#takeOver(claim, taken.left, spec, context));
      const isAtWork = left?.outcome === undefined && left !== undefined;
      if (!left || (claim.abandoned.length > 0 && !isAtWork)) await removeStaleLocks(store, id, claim.abandoned);
      const held = { claim, ...(watch ? { provenAt: () => watch.provenAt } : {}) };
      lock = new StackLock(this.#parts, held, { spec, context, left });
      try {
        return await work(lock);
      } finally {
        await lock.end();
      }
    } finally {
      watch?.[Symbol.dispose]();
      if (operation === LOOK) this.#looks.delete(formatStackId(id));
      await this.#releases.of(id, async () => {
        // Another host cannot tell that who holds such a lock is dead.
        if (watch?.isSound === true && lock?.mayLeaveLocks === true) await removeDeadLocks(store, id);
        await ledger.release(claim);
      });
      this.#count(id, -1);
    }
  }

  #watch({ claim, sentAt }: Taken, onStep: (step: 'stop' | 'kill') => void): LeaseWatch {
    const { ledger, settings } = this.#parts;
    const { leaseMs } = settings;
    const renew = async (): Promise<boolean> => ledger.renew(claim, leaseMs);
    // Its runner keeps the claim, too: that this process stood still is no reason to end an engine.
    return new LeaseWatch({ leaseMs, provenAt: sentAt, isShared: true, renew, onStep });
  }

  /** What was left, where it is what is wanted; anything else of it is ended. */
  async #takeOver(
    claim: Claim,
    gone: Claim,
    spec: OperationSpec,
    context: OperationContext,
  ): Promise<LeftOutcome | undefined> {
    const isFar = this.#isElsewhere(gone);
    const { folder, ...reachable } = gone;
    const left = await findLeftOutcome(isFar ? reachable : gone);
    // What a look has found counts for the moment in which it was asked for.
    const isWanted = left !== undefined && spec.operation !== LOOK && isSame(left.spec, spec);
    const whose = isFar ? `${gone.host} left, which has lost its lease` : 'a dead worker left';
    const message = `${isWanted ? 'carries on' : 'ends'} what ${whose}: ${this.#described(gone)}`.slice(0, 200);
    context.onProgress({ operation: spec.operation, done: 0, inProgress: [], message });
    if (isWanted) return left;
    if (folder !== undefined && !isFar) await endLeft(new OperationFolder(folder), this.#parts.settings.stopGraceMs);
    await this.#parts.ledger.noteFolder(claim, undefined);
    return undefined;
  }

  #holds(id: StackId): boolean {
    const { host } = this.#holder;
    return processHolds.held.of(host, id) > 0 || processHolds.unreleased.of(host, id) > 0;
  }

  #isElsewhere(claim: Claim): boolean {
    return isElsewhere(claim, { holder: this.#holder, isAlone: this.#isAlone });
  }

  #described(claim: Claim): string {
    const { operation, owner, startedAt, host } = claim;
    const where = this.#isElsewhere(claim) ? ` of ${host}` : '';
    return `pulumi ${operation} of process ${owner.pid}${where}, begun ${startedAt}`;
  }

  #count(id: StackId, change: 1 | -1): void {
    processHolds.held.add(this.#holder.host, id, change);
  }
}

function createUnbegun({ id }: Pick<OperationSpec, 'id'>): OperationAborted {
  return new OperationAborted(`the operation on ${id.stack} was stopped before it began`);
}

function createLost(id: StackId, details: string): EngineError {
  return new EngineError(
    `the claim of ${id.stack} could not be renewed in time, so what worked on it was ended`,
    details,
  );
}
