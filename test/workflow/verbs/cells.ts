import { VERBS } from '../../../src/domain/rollout/verbs.ts';
import type { Automaton, State, VerbAsked } from './automaton.ts';

/** `bake of a middle step, paused × promote`. */
export type Cell = string;

const TRAFFIC = ['shift', 'bake'] as const;
const STEPS = ['the only', 'the first', 'a middle', 'the last'] as const;
const UNDER_WAY = [
  'plan',
  'provision',
  'validate',
  ...TRAFFIC.flatMap((phase) => STEPS.map((step) => nameStep(phase, step))),
];

/** Every situation that a verb can meet. */
export const ROWS: readonly string[] = [
  ...UNDER_WAY.flatMap((stage) => [stage, `${stage}, paused`, `${stage}, put back`]),
  ...['settle', 'teardown', 'closed'],
];

/** Every verb, as it can be asked. */
export const COLUMNS: readonly string[] = VERBS.flatMap((verb) =>
  verb === 'promote' ? [verb, 'promote --full'] : [verb],
);

export function nameCell(automaton: Automaton, state: State, asked: VerbAsked | 'rollback' | 'supersede'): Cell {
  const { at, isPaused, undoing, outcome } = state;
  const { phase, step, isLast } = automaton.places[at]!;
  const of =
    step === undefined
      ? phase
      : nameStep(phase, isLast ? (step === 1 ? 'the only' : 'the last') : step === 1 ? 'the first' : 'a middle');
  const row = outcome ? 'closed' : `${of}${undoing ? ', put back' : isPaused ? ', paused' : ''}`;
  const column =
    typeof asked === 'string' ? asked : `${asked.verb}${asked.verb === 'promote' && asked.full ? ' --full' : ''}`;
  return `${row} × ${column}`;
}

function nameStep(phase: string, step: string): string {
  return `${phase} of ${step} step`;
}

/** How often each situation met each verb. */
export class Tally {
  readonly #counts = new Map<Cell, number>();

  add(cell: Cell): void {
    this.#counts.set(cell, (this.#counts.get(cell) ?? 0) + 1);
  }

  get counts(): Record<Cell, number> {
    return Object.fromEntries(this.#counts);
  }
}
