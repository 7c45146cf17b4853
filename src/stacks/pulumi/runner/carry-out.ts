import type { BlueprintProgram } from '../../blueprint.ts';
import { OperationAborted, type StackPlan } from '../../driver.ts';
import { EventLog } from '../engine-events.ts';
import { followEvents } from '../event-file.ts';
import type { OperationFolder, OperationSpec } from '../operation-folder.ts';
import { type SilenceLimits, Stopper } from '../stopper.ts';
import { stopEngine } from '../stopping.ts';
import { engineArguments } from './engine-command.ts';
import { runEngine } from './engine-process.ts';
import { EngineExitError, failure } from './failures.ts';
import { serveProgram } from './program-server.ts';

export interface EngineSettings extends SilenceLimits {
  pulumiPath: string;
  env: Record<string, string>;
  /** Between one request to stop and the next, stronger one, in milliseconds. */
  stopGraceMs: number;
}

/**
 * Runs one engine operation on a stack: watched, stopped when asked, its errors explained.
 * @throws StackError
 */
export async function carryOut(
  folder: OperationFolder,
  { operation, id }: OperationSpec,
  program: BlueprintProgram,
  settings: EngineSettings,
  signal: AbortSignal,
): Promise<StackPlan> {
  if (signal.aborted) throw new OperationAborted(`the operation on ${id.stack} was stopped before it began`);
  const events = new EventLog(operation, () => undefined);
  const stopper = new Stopper(events, settings, signal);
  const served = await serveProgram(program);
  const followed = await followEvents(folder.eventFile, (event) => events.note(event));
  let failed: unknown;
  try {
    const exit = await runEngine({
      binary: settings.pulumiPath,
      args: engineArguments({
        operation,
        stack: id.stack,
        programPort: served.port,
        eventFile: folder.eventFile,
      }),
      cwd: folder.path,
      env: settings.env,
      logFile: folder.engineLog,
      record: folder.engineRecord,
      onSpawn: (engine) => stopper.watch(async () => stopEngine(engine, settings.stopGraceMs)),
    });
    if (exit.code !== 0) failed = new EngineExitError(exit);
  } catch (error) {
    failed = error;
  } finally {
    await stopper.done();
    served.close();
    await followed.finish();
  }
  if (failed === undefined) return events.plan;
  const { stopped } = stopper;
  throw failure({ stack: id.stack, events, programFault: served.fault(), ...(stopped ? { stopped } : {}) }, failed);
}
