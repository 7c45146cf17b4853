import { LocalWorkspace, PulumiCommand, Stack } from '@pulumi/pulumi/automation/index.js';
import type { BlueprintProgram } from '../../blueprint.ts';
import type { StackProgress } from '../../driver.ts';
import { type EngineStart, START_VARIABLE, formatStart, locateLauncher } from './engine-launcher.ts';

export interface EngineStackOptions extends EngineStart {
  /** The stack's name. */
  stack: string;
  /** The folder of a project: the engine's working folder. */
  workDir: string;
  /** `PULUMI_HOME`, with the launcher in it. */
  home: string;
  program: BlueprintProgram;
  /**
   * Receives the engine's events. A file, because the engine waits for ever for a connection whose other end died with
   * the worker to take its events.
   */
  eventFile: string;
}

/** A runner's engines are all started by one command, which the SDK asks for its version first. */
let command: Promise<PulumiCommand> | undefined;

/**
 * A stack as the Automation API drives it, in one process for each operation: that the stack is there, what its outputs
 * are and what was done to it before, the SDK would ask the CLI in processes of their own, some of which print secrets.
 * The state has what is needed of it.
 */
export async function openEngineStack(options: EngineStackOptions): Promise<Stack> {
  const { stack: name, workDir, home, program, eventFile, env } = options;
  command ??= PulumiCommand.get({ root: locateLauncher(home) });
  const workspace = await LocalWorkspace.create({
    workDir,
    pulumiCommand: await command,
    program: async () => ({ ...(await program()) }),
    envVars: { ...env, [START_VARIABLE]: formatStart(options) },
  });
  workspace.selectStack = async () => undefined;
  // Of two event logs the CLI takes the last.
  workspace.serializeArgsForOp = async () => ['--event-log', eventFile];
  const stack = await Stack.select(name, workspace);
  stack.outputs = async () => ({});
  stack.info = async () => undefined;
  return stack;
}

export interface OperationLimits {
  /** Where a preview saves its plan, and where an up finds the one that it is held to. */
  plan?: string;
  /** Folders of policies that a preview is judged by. */
  policyPacks?: string[];
}

const PLAIN = { color: 'never', suppressOutputs: true } as const;
const SILENT = { ...PLAIN, suppressProgress: true } as const;

/** @throws CommandError when the engine ends with anything but success */
export const OPERATIONS: Record<
  StackProgress['operation'],
  (stack: Stack, limits: OperationLimits) => Promise<unknown>
> = {
  preview: async (stack, limits) => stack.preview({ ...PLAIN, ...limits }),
  up: async (stack, limits) => stack.up({ ...SILENT, ...limits }),
  refresh: async (stack) => stack.refresh({ ...PLAIN, previewOnly: true }),
  destroy: async (stack) => stack.destroy(SILENT),
};
