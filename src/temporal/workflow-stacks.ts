import { setFlagsFromString } from 'node:v8';

/** The two innermost frames: where an error arose, and who called. */
const FRAMES = 2;
/** V8's own: https://nodejs.org/api/errors.html#errorstacktracelimit */
const DEFAULT_FRAMES = 10;

/**
 * Keeps the stacks short in the contexts that `create` opens: those of workflows. The SDK takes one for each promise of a
 * workflow, for the call stack that Temporal's UI can ask for
 * (https://github.com/temporalio/sdk-typescript/issues/1587). Whole ones were 44 % of what a workflow's thread did in a
 * rollback. What a rollout is at is in its status; that call stack is empty.
 */
export async function withShortStacks<T>(create: () => Promise<T>): Promise<T> {
  // A context takes the limit when it is opened. Workflows cannot set it: they share globals that are frozen.
  setFlagsFromString(`--stack-trace-limit=${FRAMES}`);
  try {
    return await create();
  } finally {
    setFlagsFromString(`--stack-trace-limit=${DEFAULT_FRAMES}`);
  }
}
