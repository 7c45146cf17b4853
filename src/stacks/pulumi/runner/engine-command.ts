import type { StackProgress } from '../../driver.ts';

/**
 * The engine's arguments for each operation, as every Automation API gives them. Selecting the stack and reading
 * outputs and history, which those do around it, would take five more processes and print secrets: the state file has
 * what is needed.
 */
const OPERATIONS: Record<StackProgress['operation'], string[]> = {
  preview: ['preview'],
  up: ['up', '--yes', '--skip-preview', '--suppress-progress'],
  refresh: ['refresh', '--preview-only'],
  destroy: ['destroy', '--yes', '--skip-preview', '--suppress-progress'],
};

export interface EngineCommand {
  operation: StackProgress['operation'];
  stack: string;
  /** Where the program is served. */
  programPort: number;
  /**
   * Receives the engine's events. A file, because the engine waits for ever for a connection whose other end died with
   * the worker to take its events.
   */
  eventFile: string;
  /** Where a preview saves its plan, and where an up finds the one that it is held to. */
  planFile?: string;
  /** Folders of policies that a preview is judged by. */
  policyPacks?: readonly string[];
}

const PLAN_OPTIONS: Partial<Record<StackProgress['operation'], string>> = { preview: '--save-plan', up: '--plan' };

export function buildEngineArguments({
  operation,
  stack,
  programPort,
  eventFile,
  planFile,
  policyPacks = [],
}: EngineCommand): string[] {
  const planOption = PLAN_OPTIONS[operation];
  return [
    ...OPERATIONS[operation],
    ...['--stack', stack],
    `--client=127.0.0.1:${programPort}`,
    ...['--exec-kind', 'auto.inline'],
    ...['--event-log', eventFile],
    ...(planOption !== undefined && planFile !== undefined ? [planOption, planFile] : []),
    ...policyPacks.flatMap((folder) => ['--policy-pack', folder]),
    ...['--color', 'never'],
    '--suppress-outputs',
    '--non-interactive',
  ];
}
