import { createConfigRedactor } from '../../../secrets/secrets.ts';
import type { BlueprintProgram } from '../../blueprint.ts';
import { BlueprintError, OperationAborted, type StackPlan } from '../../driver.ts';
import { computePlanDigest } from '../../plan.ts';
import { createSeal } from '../operation/drift.ts';
import { EventLog } from '../operation/engine-events.ts';
import { followEvents } from '../operation/event-file.ts';
import type { OperationFolder, OperationSpec } from '../operation/operation-folder.ts';
import { type SilenceLimits, Stopper } from '../operation/stopper.ts';
import { stopEngine } from '../operation/stopping.ts';
import { awaitEngine } from './engine-process.ts';
import { OPERATIONS, openEngineStack } from './engine-stack.ts';
import { EngineExitError, toStackError } from './failures.ts';
import { WatchedProgram } from './watched-program.ts';

export interface EngineSettings extends SilenceLimits {
  pulumiPath: string;
  home: string;
  passphraseFile: string;
  env: Record<string, string>;
  /** Between one request to stop and the next, stronger one, in milliseconds. */
  stopGraceMs: number;
  /** Whether the engine is to end with this process, where the system can have it so: what keeps its claim is here. */
  endsWithRunner?: boolean;
}

/**
 * Runs one engine operation on a stack: watched, stopped when asked, its errors explained.
 * @throws StackError
 */
export async function carryOut(
  folder: OperationFolder,
  { operation, id, input, plan }: OperationSpec,
  program: BlueprintProgram,
  settings: EngineSettings,
  signal: AbortSignal,
): Promise<StackPlan> {
  if (signal.aborted) throw new OperationAborted(`the operation on ${id.stack} was stopped before it began`);
  const redact = await createConfigRedactor(input.blueprint.config);
  const seal = operation === 'refresh' ? await createSeal(settings.passphraseFile) : undefined;
  const events = new EventLog(operation, () => undefined, redact, seal);
  const stopper = new Stopper(events, settings, signal);
  const watched = new WatchedProgram(program);
  const followed = await followEvents(folder.eventFile, (event) => events.note(event));
  let failed: unknown;
  try {
    const stack = await openEngineStack({
      stack: id.stack,
      workDir: folder.path,
      home: settings.home,
      program: watched.run,
      eventFile: folder.eventFile,
      binary: settings.pulumiPath,
      env: settings.env,
      record: folder.engineRecord,
      logFile: folder.engineLog,
      ...(settings.endsWithRunner === true ? { endsWith: process.pid } : {}),
    });
    stopper.watch(async () => stopStarted(folder, settings.stopGraceMs));
    const exit = await awaitEngine(
      async () => OPERATIONS[operation](stack, plan ? { plan: folder.planFile, ...policiesOf(plan) } : {}),
      folder.engineLog,
    );
    if (exit.code !== 0) failed = new EngineExitError(exit);
  } catch (error) {
    failed = error;
  } finally {
    await stopper.done();
    await followed.finish();
  }
  if (failed === undefined && plan && 'digest' in plan && computePlanDigest(events.plan) !== plan.digest) {
    failed = new BlueprintError(`what was made of ${id.stack} is not what its plan says; the stack has to go`);
  }
  if (failed === undefined) return events.plan;
  const { stopped } = stopper;
  const plugins = { home: settings.home, pulumiPath: settings.pulumiPath };
  const failedOperation = { stack: id.stack, events, programFault: watched.fault, redact, plugins };
  throw toStackError({ ...failedOperation, ...(stopped ? { stopped } : {}) }, failed);
}

function policiesOf(plan: NonNullable<OperationSpec['plan']>): { policyPacks?: string[] } {
  return 'policyPacks' in plan ? { policyPacks: [...plan.policyPacks] } : {};
}

/** One that has not begun by now never will. */
async function stopStarted(folder: OperationFolder, graceMs: number): Promise<void> {
  const engine = await folder.settleEngine();
  if (engine) await stopEngine(engine, graceMs);
}
