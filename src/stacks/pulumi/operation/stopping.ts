import { waitUntil } from '../../../host/polling.ts';
import { identifyProcess, isAlive, type ProcessIdentity } from '../../../host/process-identity.ts';
import { readProcessTable } from '../../../host/process-tree.ts';
import { EngineError } from '../../driver.ts';
import type { OperationFolder } from './operation-folder.ts';

/**
 * Ends an engine: cleanly at first, so that steps in flight are awaited and recorded; at the second request it leaves
 * them pending but releases its lock; then by force. Returns when it is gone, which may be before the first signal.
 */
export async function stopEngine(engine: ProcessIdentity, graceMs: number): Promise<void> {
  for (const name of ['SIGINT', 'SIGINT', 'SIGKILL'] as const) {
    if (!isAlive(engine)) return;
    // Its plugins have groups of their own and end with it; the group is only what it may have started besides.
    signal(name === 'SIGKILL' ? -engine.pid : engine.pid, name);
    if (await waitUntil(graceMs, () => !isAlive(engine))) return;
  }
  throw new EngineError(`engine process ${engine.pid} is still there ${graceMs / 1000} s after SIGKILL`);
}

/** Beyond the three graces that a runner may need for its engine: for a busy machine to get it done. */
const SLACK_MS = 5_000;
/** From SIGKILL to the end of anything. */
const END_MS = 10_000;

/** How long a runner may take to stop its engine and write down what came of it, in milliseconds. */
export function stopLimitMs(graceMs: number): number {
  return 3 * graceMs + SLACK_MS;
}

/**
 * Has a runner stop its operation and write down what came of it. Ends it by force when it does not hear, as one whose
 * program never lets go of its thread, or does not get it done. The engine is another matter then: see {@link endLeft}.
 */
export async function stopRunner(runner: ProcessIdentity, folder: OperationFolder, graceMs: number): Promise<void> {
  if (!isAlive(runner)) return;
  signal(runner.pid, 'SIGTERM');
  const heard = (): boolean => !isAlive(runner) || folder.isStopping();
  const over = async (): Promise<boolean> => !isAlive(runner) || (await folder.outcome()) !== undefined;
  if ((await waitUntil(graceMs, heard)) && (await waitUntil(stopLimitMs(graceMs), over))) return;
  if (isAlive(runner)) signal(-runner.pid, 'SIGKILL');
}

/** An engine without a runner has lost its program and its provider: no step of it can succeed, nor be worth a wait. */
const ORPHAN_GRACE_MS = 1_000;

/**
 * Ends what is left of an operation, and removes its folder. Nothing works on it any more when it returns, whoever was
 * killed at whatever moment; the stack's lock and pending operations may be left.
 */
export async function endLeft(folder: OperationFolder, graceMs: number): Promise<void> {
  const runner = await folder.settleRunner();
  if (runner && (await folder.outcome()) === undefined) {
    await stopRunner(runner, folder, graceMs);
    // One with an outcome is none of our business any more: it may serve its worker in something else.
    if ((await folder.outcome()) === undefined) await endGroup(runner);
  }
  const engine = await folder.settleEngine();
  if (engine) await stopEngine(engine, Math.min(graceMs, ORPHAN_GRACE_MS));
  await folder.remove();
}

/**
 * Ends what a dead process has left in the group that it led: an installation under way, say. No later process has its
 * pid while the group exists, so a process with that pid means that the group is another's.
 */
async function endGroup(leader: ProcessIdentity): Promise<void> {
  await waitUntil(END_MS, () => !isAlive(leader));
  if (identifyProcess(leader.pid) === undefined) signal(-leader.pid, 'SIGKILL');
}

/**
 * Ends what works in a folder by force: the engine with all that it has started, then the runner. Where one of them has not
 * begun, it never does.
 */
export async function endAtOnce(folder: OperationFolder): Promise<void> {
  await killEngine(folder);
  const runner = await folder.settleRunner();
  if (runner && isAlive(runner)) signal(-runner.pid, 'SIGKILL');
}

/** The engine alone: its plugins have groups of their own, in its session. */
export async function killEngine(folder: OperationFolder): Promise<void> {
  const engine = await folder.settleEngine();
  if (!engine || !isAlive(engine)) return;
  // Looked for first: without it they are nobody's children.
  const started = [...readProcessTable()].filter(([pid, { session }]) => session === engine.pid && pid !== engine.pid);
  signal(-engine.pid, 'SIGKILL');
  for (const [pid] of started) signal(pid, 'SIGKILL');
}

function signal(target: number, name: NodeJS.Signals): void {
  try {
    process.kill(target, name);
  } catch (error) {
    // It ended meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
