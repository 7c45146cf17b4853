import { Mutex } from '../../domain/mutex.ts';

/**
 * The workflow's own: all workflows of a thread share their modules, and each has a global object of its own. What is kept in a
 * module would have one workflow wait for another, which is not told when that goes on.
 */
const own = globalThis as { supplantInPlace?: Mutex };

/**
 * One step in place at a time in each workflow: the SDK gives results of local activities in the order in which they come, and
 * those of a replay in the order in which they were asked for (https://github.com/temporalio/sdk-python/issues/1578 is the same in
 * Python). Two at once, each with something that follows, would be a history that no other worker can go on with.
 */
export function runInPlace<T>(step: () => Promise<T>): Promise<T> {
  own.supplantInPlace ??= new Mutex();
  return own.supplantInPlace.run(step);
}
