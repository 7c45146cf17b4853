import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { holdsWithin } from '../../host/polling.ts';
import { isAlive, type ProcessIdentity } from '../../host/process-identity.ts';
import type { Log } from '../blueprint.ts';
import { EngineError, OperationAborted, type OperationContext, type StackPlan } from '../driver.ts';
import { follow, type Followed, type FollowSettings } from './follow.ts';
import type { Ledger } from './ledger.ts';
import { OperationFolder, type OperationSpec } from './operation-folder.ts';
import { type Outcome, planOf, wasAborted } from './outcome.ts';
import { type Left, removeStaleLocks } from './recovery.ts';
import type { RunnerPool } from './runner-pool.ts';
import type { StateStore } from './state-store.ts';
import { endLeft, stopRunner } from './stopping.ts';

/** What turns work with. */
export interface TurnParts {
  ledger: Ledger;
  store: StateStore;
  pool: RunnerPool;
  settings: FollowSettings & {
    /** Parent of the operations' folders. */
    workRoot: string;
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
}

/** One operation's exclusive hold of a stack. */
export class Turn {
  readonly #parts: TurnParts;
  readonly #spec: OperationSpec;
  readonly #context: OperationContext;
  #left: Left | undefined;

  /** @param left the same operation, as a dead worker left it */
  constructor(parts: TurnParts, spec: OperationSpec, context: OperationContext, left: Left | undefined) {
    this.#parts = parts;
    this.#spec = spec;
    this.#context = context;
    this.#left = left;
  }

  /** Whether `run` completes what a dead worker began: the state is a runner's to write until then. */
  get carriesOn(): boolean {
    return this.#left !== undefined;
  }

  /**
   * Has an engine carry the operation out, or takes over where a dead worker's runner does, or has done, the same.
   * @throws StackError
   */
  async run(): Promise<StackPlan> {
    const left = this.#left;
    this.#left = undefined;
    const carriedOn = left && (await this.#carryOn(left));
    if (carriedOn) return planOf(carriedOn);
    return planOf(await this.#begin());
  }

  /** Removes what was taken over and not needed. */
  async end(): Promise<void> {
    if (this.#left?.folder) await this.#endLeft(this.#left.folder);
    this.#left = undefined;
  }

  /** Undefined when it must be done anew. */
  async #carryOn(left: Left): Promise<Outcome | undefined> {
    const outcome = left.outcome ?? (await this.#attached(left.folder, left.runner)).outcome;
    if (left.folder) await this.#endLeft(left.folder);
    // Who asked for that end has died since, and this caller may want another.
    if (outcome && (!wasAborted(outcome) || this.#context.signal.aborted)) return outcome;
    await removeStaleLocks(this.#parts.store, this.#spec.id);
    return undefined;
  }

  async #attached(folder: OperationFolder, runner: ProcessIdentity): Promise<Followed> {
    const isOver = async (): Promise<boolean> => !isAlive(runner) || (await folder.outcome()) !== undefined;
    const over = holdsWithin(Number.POSITIVE_INFINITY, isOver);
    return this.#follow(folder, runner, over);
  }

  async #begin(): Promise<Outcome> {
    for (let start = 1; ; start += 1) {
      if (this.#context.signal.aborted) throw this.#aborted();
      const attempt = await this.#attempt();
      if (attempt.hasBegun || start === MOST_STARTS) return this.#told(attempt);
    }
  }

  async #attempt(): Promise<Attempt> {
    const { ledger, pool, settings } = this.#parts;
    const path = join(settings.workRoot, randomUUID());
    // Noted before it exists: a folder that nobody has noted is nobody's.
    ledger.noteFolder(this.#spec.id, path);
    const folder = await OperationFolder.create(path, this.#spec);
    const runner = await pool.take();
    let isSound = false;
    try {
      const followed = await this.#follow(folder, runner.identity, runner.carryOut(path));
      isSound = followed.outcome !== undefined && 'plan' in followed.outcome;
      const hasBegun = followed.outcome !== undefined || (await folder.runner()) !== undefined;
      return { ...followed, hasBegun, said: followed.outcome ? '' : await runner.output() };
    } finally {
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

  async #follow(folder: OperationFolder, runner: ProcessIdentity, over: Promise<unknown>): Promise<Followed> {
    const { settings } = this.#parts;
    const stop = async (): Promise<void> => stopRunner(runner, folder, settings.stopGraceMs);
    return follow({ folder, spec: this.#spec, over, stop }, settings, this.#context);
  }

  async #endLeft(folder: OperationFolder): Promise<void> {
    await endLeft(folder, this.#parts.settings.stopGraceMs);
    this.#parts.ledger.noteFolder(this.#spec.id, undefined);
  }
}
