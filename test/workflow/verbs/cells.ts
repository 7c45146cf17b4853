import { VERBS } from '../../../src/domain/rollout/verbs.ts';
import type { Asked, Automaton, State, VerbAsked } from './automaton.ts';
import type { Place } from './places.ts';
import type { Mode, Situation } from './sequence.ts';

/** `bake of a middle step, paused × promote`. */
export type Cell = string;

const TRAFFIC = ['shift', 'bake'] as const;
const STEPS = ['the only', 'the first', 'a middle', 'the last'] as const;
const UNDER_WAY: readonly Situation[] = [
  'plan',
  'gate before provision',
  'provision',
  'validate',
  ...STEPS.map((step) => nameStep('gate before', step)),
  ...TRAFFIC.flatMap((phase) => STEPS.map((step) => nameStep(`${phase} of`, step))),
  'gate before settle',
];
/** Where it may fail once traffic has moved. */
const FROZEN: readonly Situation[] = [
  ...STEPS.map((step) => nameStep('bake of', step)),
  ...['a middle', 'the last'].map((step) => nameStep('gate before', step)),
  'gate before settle',
];
const ENDS: readonly Situation[] = ['settle', 'teardown', 'closed'];

/** What is said of a rollout beside where it is. */
export const MODES: Record<Mode, string> = { plain: '', paused: ', paused', undoing: ', put back', frozen: ', frozen' };

/** Every situation that a verb can meet, as where it is and how. */
export const SITUATIONS: readonly { place: Situation; mode: Mode }[] = [
  ...UNDER_WAY.flatMap((place) => (['plain', 'paused', 'undoing'] as const).map((mode) => ({ place, mode }))),
  ...FROZEN.map((place) => ({ place, mode: 'frozen' as const })),
  ...ENDS.map((place) => ({ place, mode: 'plain' as const })),
];

export const ROWS: readonly string[] = SITUATIONS.map(({ place, mode }) => `${place}${MODES[mode]}`);

/** The ways in which a rollout is asked to go on. */
const PROMOTIONS = ['promote', 'promote --full', 'promote --break-glass'] as const;

/** Every verb, as it can be asked. */
export const COLUMNS: readonly string[] = VERBS.flatMap((verb) => (verb === 'promote' ? PROMOTIONS : [verb]));

export function nameCell(automaton: Automaton, state: State, asked: Asked): Cell {
  const { at, isPaused, isFrozen, undoing, outcome } = state;
  const mode: Mode = undoing ? 'undoing' : isFrozen ? 'frozen' : isPaused ? 'paused' : 'plain';
  const row = outcome ? 'closed' : `${nameSituation(automaton.places[at]!)}${MODES[mode]}`;
  return `${row} × ${typeof asked === 'string' ? asked : nameVerb(asked)}`;
}

/** Where a rollout is, as the report has it. */
export function nameSituation({ phase, gate, ...place }: Place): Situation {
  const { step, isLast } = gate ?? place;
  const what = gate ? 'gate before' : `${phase} of`;
  if (step === undefined) return gate ? `${what} ${gate.before}` : phase;
  return nameStep(what, isLast ? (step === 1 ? 'the only' : 'the last') : step === 1 ? 'the first' : 'a middle');
}

function nameVerb({ verb, full, breakGlass }: VerbAsked): string {
  if (verb !== 'promote') return verb;
  return PROMOTIONS[breakGlass ? 2 : full ? 1 : 0];
}

function nameStep(what: string, step: string): string {
  return `${what} ${step} step`;
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
