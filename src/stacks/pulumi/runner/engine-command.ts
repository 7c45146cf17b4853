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
}

export function engineArguments({ operation, stack, programPort, eventFile }: EngineCommand): string[] {
  return [
    ...OPERATIONS[operation],
    ...['--stack', stack],
    `--client=127.0.0.1:${programPort}`,
    ...['--exec-kind', 'auto.inline'],
    ...['--event-log', eventFile],
    ...['--color', 'never'],
    '--suppress-outputs',
    '--non-interactive',
  ];
}
