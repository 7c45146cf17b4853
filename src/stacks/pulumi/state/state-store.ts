import type { StackId } from '../../blueprint.ts';
import type { StackState } from './checkpoint.ts';

/** A lock of an update that is under way, or whose process was killed. */
export interface EngineLock {
  /** Where it is, for people: a file's path, or a row's key. */
  path: string;
  pid: number;
  hostname: string;
  username: string;
  timestamp: string;
}

/**
 * Where the engine keeps its state, read and written beside it without a CLI process per question. Names of stacks and
 * projects have lower-case letters, digits and hyphens only.
 */
export interface StateStore {
  /** Undefined for a stack that does not exist. */
  read(id: StackId): Promise<StackState | undefined>;
  /**
   * Makes the stack exist with nothing in it: the very record that `pulumi stack init` writes first, without the half
   * second its process takes. Leaves a stack that exists alone.
   */
  initialise(id: StackId): Promise<void>;
  list(): Promise<StackId[]>;
  /** Removes every trace of the stack, which `pulumi stack rm` would not. While anything is left, it is still listed. */
  forget(id: StackId): Promise<void>;
  /**
   * Removes a stack's locks whose holder is proven dead, and what is left of those whose writing was cut off, which nobody can
   * read. Returns the others.
   */
  removeLocks(id: StackId, isStale: (lock: EngineLock) => boolean): Promise<EngineLock[]>;
  /** For pending operations that were resolved: the engine would carry them along for ever. Needs the stack's lock. */
  clearPending(id: StackId): Promise<void>;
  /**
   * From then on the state itself refuses what an engine of an older token writes of this stack, and what a worker does that has
   * fenced it with an older one, whatever they believe: they may have stood still, with their whole machine, for longer than their
   * claim. Returns once nothing of the kind is under way. Not there where the state cannot do it.
   * @param token the claim's, which rises with each claim of the stack; what this process and its engines write has it from here on
   * @throws EngineError where a higher one is noted: it was given out elsewhere
   */
  fence?(id: StackId, token: number): Promise<void>;
  close(): Promise<void>;
}
