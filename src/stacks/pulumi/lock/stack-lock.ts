import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { JsonObject } from '../../../domain/json.ts';
import { waitUntil } from '../../../host/polling.ts';
import { isAlive, type ProcessIdentity } from '../../../host/process-identity.ts';
import type { Log } from '../../blueprint.ts';
import { EngineError, OperationAborted, type OperationContext, type StackPlan } from '../../driver.ts';
import { followRunner, type Followed, type FollowSettings } from '../operation/follow.ts';
import type { Claim, Holder, OperationLedger } from './ledger.ts';
import { OperationFolder, type OperationSpec, type SavedPlan } from '../operation/operation-folder.ts';
import { type Outcome, readPlan, wasAborted } from '../operation/outcome.ts';
import { type LeftOutcome, removeStaleLocks } from './recovery.ts';
import type { RunnerPool } from '../runner/runner-pool.ts';
import type { StateStore } from '../state/state-store.ts';
import { endAtOnce, endLeft, stopRunner } from '../operation/stopping.ts';

/** What the locks of stacks work with. */
export interface StackLockParts {
  ledger: OperationLedger;
  /** Who this process is to the ledger. */
  holder: Holder;
  store: StateStore;
  pool: RunnerPool;
  settings: FollowSettings & {
    /** Parent of the operations' folders. */
    workRoot: string;
    /** How long a claim counts that is not renewed, in milliseconds. */
    leaseMs: number;
  };
  log: Log;
}

/** A runner that was killed while it waited for work has done nothing: another one gets that, up to this many. */
const MOST_STARTS = 3;

interface Attempt extends Followed {
  /** Whether a runner took the operation on. */
  hasBegun: boolean;
  /** What a runner printed that has ended without an outcome. */
  said: string;
  /** Of a preview that was asked to save its plan. */
  saved?: SavedPlan;
}

/** What a run may be given beside its spec. */
export interface RunOptions {
  /** What the program gets, where the operation runs one. */
  config?: JsonObject;
  /** The plan that an up is held to. */
  approved?: ApprovedPlan;
}

/** A plan that somebody has looked at, and its digest. */
export interface ApprovedPlan {
  digest: string;
  saved: SavedPlan;
}

/** What a lock stands for in the ledger. */
export interface HeldClaim {
  claim: Claim;
  /** When it was proven last that it counts; absent where no lease does. */
  provenAt?: () => number;
}

/** One operation's exclusive hold of a stack. */
export class StackLock {
  readonly #parts: StackLockParts;
  readonly #held: HeldClaim;
  readonly #spec: OperationSpec;
  readonly #context: OperationContext;
  #left: LeftOutcome | undefined;
  /** Where an engine is at work. */
  #folder: OperationFolder | undefined;
  #mayLeaveLocks = false;

  /** `left` is the same operation, as a dead worker left it. */
  constructor(
    parts: StackLockParts,
    held: HeldClaim,
    { spec, context, left }: { spec: OperationSpec; context: OperationContext; left: LeftOutcome | undefined },
  ) {
    this.#parts = parts;
    this.#held = held;
    this.#spec = spec;
    this.#context = context;
    this.#left = left;
  }

  /** Whether an engine may have ended without taking its own lock of the state away. */
  get mayLeaveLocks(): boolean {
    return this.#mayLeaveLocks;
  }

  /** Whether `run` completes what a dead worker began: the state is a runner's to write until then. */
  get carriesOn(): boolean {
    return this.#left !== undefined;
  }

  /**
   * Has an engine carry the operation out, or takes over where a dead worker's runner does, or has done, the same.
   * @throws StackError
   */
  async run({ config, approved }: RunOptions = {}): Promise<StackPlan> {
    const left = this.#left;
    this.#left = undefined;
    const carriedOn = left && (await this.#carryOn(left));
    if (carriedOn) return readPlan(carriedOn);
    const plan = approved && { digest: approved.digest };
    const spec = { ...this.#spec, ...(config ? { config } : {}), ...(plan ? { plan } : {}) };
    const { outcome } = await this.#begin(spec, approved?.saved);
    return readPlan(outcome);
  }

  /**
   * What {@link run} would do, and the engine's own plan, to which it can be held.
   * @throws StackError
   */
  async preview(
    config: JsonObject,
    policyPacks: readonly string[] = [],
  ): Promise<{ plan: StackPlan; saved: SavedPlan }> {
    const plan = { saved: true as const, policyPacks };
    const spec = { ...this.#spec, operation: 'preview' as const, config, plan };
    const { outcome, saved = {} } = await this.#begin(spec);
    return { plan: readPlan(outcome), saved };
  }

  /**
   * Asks the ledger whether the stack is still held, before something is done that cannot be undone.
   * @throws EngineError where it is another host's by now
   */
  async prove(): Promise<void> {
    const { ledger, settings } = this.#parts;
    if (ledger.leases && !(await ledger.renew(this.#held.claim, settings.leaseMs))) throw this.#lost();
  }

  /** Ends by force whatever works on the stack: it is not ours any more. */
  async endAtOnce(): Promise<void> {
    if (this.#folder) await endAtOnce(this.#folder);
  }

  /** Removes what was taken over and not needed. */
  async end(): Promise<void> {
    if (this.#left?.folder) await this.#endLeft(this.#left.folder);
    this.#left = undefined;
  }

  /** Undefined when it must be done anew. */
  async #carryOn(left: LeftOutcome): Promise<Outcome | undefined> {
    this.#mayLeaveLocks = true;
    const outcome = left.outcome ?? (await this.#attached(left.folder, left.runner)).outcome;
    if (left.folder) await this.#endLeft(left.folder);
    // Who asked for that end has died since, and this caller may want another.
    if (outcome && (!wasAborted(outcome) || this.#context.signal.aborted)) return outcome;
    await removeStaleLocks(this.#parts.store, this.#spec.id, this.#held.claim.abandoned);
    return undefined;
  }

  async #attached(folder: OperationFolder, runner: ProcessIdentity): Promise<Followed> {
    const isOver = async (): Promise<boolean> => !isAlive(runner) || (await folder.outcome()) !== undefined;
    const over = waitUntil(Number.POSITIVE_INFINITY, isOver);
    this.#folder = folder;
    return this.#follow(folder, this.#spec, runner, over);
  }

  async #begin(spec: OperationSpec, plan?: SavedPlan): Promise<{ outcome: Outcome; saved?: SavedPlan }> {
    for (let start = 1; ; start += 1) {
      if (this.#context.signal.aborted) throw this.#aborted();
      const attempt = await this.#attempt(spec, plan);
      if (!attempt.hasBegun && start < MOST_STARTS) continue;
      return { outcome: this.#told(attempt), ...(attempt.saved ? { saved: attempt.saved } : {}) };
    }
  }

  async #attempt(spec: OperationSpec, plan?: SavedPlan): Promise<Attempt> {
    const { ledger, pool, settings } = this.#parts;
    const path = join(settings.workRoot, randomUUID());
    // Noted before it exists: a folder that nobody has noted is nobody's.
    if (!(await ledger.noteFolder(this.#held.claim, path))) throw this.#lost();
    const folder = await OperationFolder.create(path, { ...spec, ...this.#describeClaim() }, plan);
    const runner = await pool.take();
    this.#folder = folder;
    let isSound = false;
    try {
      const followed = await this.#follow(folder, spec, runner.identity, runner.carryOut(path));
      isSound = followed.outcome !== undefined && 'plan' in followed.outcome;
      const hasBegun = followed.outcome !== undefined || (await folder.settleRunner()) !== undefined;
      const saved = spec.operation === 'preview' && spec.plan ? { saved: await folder.savedPlan() } : {};
      return { ...followed, ...saved, hasBegun, said: followed.outcome ? '' : await runner.output() };
    } finally {
      if (!isSound) this.#mayLeaveLocks = true;
      await this.#endLeft(folder);
      await (isSound ? pool.giveBack(runner) : runner.end());
    }
  }

  #told({ outcome, stopped, said }: Attempt): Outcome {
    if (outcome && !wasAborted(outcome)) return outcome;
    if (this.#context.signal.aborted) throw this.#aborted(said);
    const what = stopped === 'hung' ? 'made no progress' : 'was ended by somebody else';
    throw new EngineError(`the process that runs the engine on ${this.#spec.id.stack} ${what}`, said);
  }

  #aborted(details?: string): OperationAborted {
    return new OperationAborted(`the operation on ${this.#spec.id.stack} was stopped`, details);
  }

  async #follow(
    folder: OperationFolder,
    spec: OperationSpec,
    runner: ProcessIdentity,
    over: Promise<unknown>,
  ): Promise<Followed> {
    const { settings } = this.#parts;
    const stop = async (): Promise<void> => stopRunner(runner, folder, settings.stopGraceMs);
    return followRunner({ folder, spec, over, stop }, settings, this.#context);
  }

  async #endLeft(folder: OperationFolder): Promise<void> {
    await endLeft(folder, this.#parts.settings.stopGraceMs);
    this.#folder = undefined;
  }

  /** For the runner, which keeps the claim while its engine works. */
  #describeClaim(): Pick<OperationSpec, 'token' | 'provenAt'> {
    const { claim, provenAt } = this.#held;
    return { token: claim.token, ...(provenAt ? { provenAt: provenAt() } : {}) };
  }

  #lost(): EngineError {
    return new EngineError(`${this.#spec.id.stack} was taken over by another host, which did not hear of this one`);
  }
}
