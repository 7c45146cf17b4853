import type { RolloutOutcome } from '../../../src/domain/rollout/rollout.ts';
import type { RolloutStatus } from '../../../src/domain/rollout/status.ts';
import type { RolloutVerb, Stage } from '../../../src/domain/rollout/verbs.ts';
import type { Place } from './places.ts';

/** Written by hand, not derived from the table: where each verb is legal, before anything else is asked about. */
const LEGAL: Record<Exclude<RolloutVerb, 'retry' | 'approve' | 'reject'>, readonly Stage[]> = {
  promote: ['bake'],
  pause: ['plan', 'provision', 'validate', 'shift', 'bake'],
  resume: ['plan', 'provision', 'validate', 'shift', 'bake'],
  abort: ['plan', 'provision', 'validate', 'shift', 'bake'],
};

/** Where one rollout is, as its clients could know it. */
export interface State {
  /** Index of its place. */
  readonly at: number;
  /** What is done there is done: it is at the safe point behind it. */
  readonly isDone: boolean;
  readonly isPaused: boolean;
  /** Promoted in full: the steps before all traffic are left out. */
  readonly isFull: boolean;
  /** Another rollout takes its place, which it hears at some moment. */
  readonly isLeft: boolean;
  /** Why it is being put back. */
  readonly undoing?: Extract<RolloutOutcome, 'aborted' | 'rolled-back' | 'failed'>;
  readonly outcome?: RolloutOutcome;
}

/** What is asked of a rollout. */
export interface VerbAsked {
  verb: RolloutVerb;
  full?: boolean;
}

/** What is known to stand still. */
export interface Held {
  /** The index of the place at which it does. */
  at?: number;
  /** What puts it back. */
  isUndoing?: boolean;
}

export const BEGIN: State = { at: 0, isDone: false, isPaused: false, isFull: false, isLeft: false };

/**
 * One rollout as an automaton: what it may do by itself, what each verb does to it, and what it shows. The rollout is known
 * by the set of states that it may be in; an answer or a status that fits none of them is a fault of either.
 */
export class Automaton {
  readonly places: readonly Place[];
  /** Whether what is done at a place may fail, by its index. */
  readonly #mayFail: (at: number) => boolean;

  constructor(places: readonly Place[], mayFail: (at: number) => boolean) {
    this.places = places;
    this.#mayFail = mayFail;
  }

  stageOf({ at, outcome }: State): Stage {
    return outcome ? 'closed' : this.places[at]!.phase;
  }

  /**
   * Everywhere it may be by now.
   *
   * @param held what is known to stand still; anything may have happened unless told
   */
  settle(states: readonly State[], held: Held = {}): State[] {
    const found = new Map<string, State>();
    const visit = (state: State): void => {
      const key = JSON.stringify(state);
      if (found.has(key)) return;
      found.set(key, state);
      for (const next of this.#moves(state, held)) visit(next);
    };
    for (const state of states) visit(state);
    return [...found.values()];
  }

  /** What a verb makes of a state; undefined where it is refused. */
  ask(state: State, { verb, full }: VerbAsked): State | undefined {
    // Nothing of a sequence has a gate.
    if (verb === 'retry' || verb === 'approve' || verb === 'reject' || state.undoing) return undefined;
    if (!LEGAL[verb].includes(this.stageOf(state))) return undefined;
    switch (verb) {
      case 'pause':
        return state.isPaused ? undefined : { ...state, isPaused: true };
      case 'resume':
        return state.isPaused ? { ...state, isPaused: false } : undefined;
      case 'promote':
        return { ...state, isPaused: false, isDone: true, isFull: state.isFull || full === true };
      case 'abort':
        return { ...state, isPaused: false, undoing: 'aborted' };
    }
  }

  /** Whether a rollout in this state may show that status. */
  shows(state: State, status: Pick<RolloutStatus, 'phase' | 'undoing' | 'outcome' | 'paused' | 'steps'>): boolean {
    if (state.outcome ?? status.outcome) return state.outcome === status.outcome;
    const { phase, step } = this.places[state.at]!;
    if (state.undoing ?? status.undoing) return state.undoing !== undefined && status.undoing === phase;
    if (status.paused !== state.isPaused) return false;
    // It is settled on from the moment that nothing can be put back any more, a moment before the phase begins.
    const before = this.places[state.at - 1]?.phase;
    if (status.phase !== phase && !(phase === 'settle' && status.phase === before)) return false;
    const running = status.steps.find((each) => each.state === 'running')?.number;
    // A step that has failed runs no more, a moment before everything is put back.
    const mayBeOver = state.isDone || this.#mayFail(state.at);
    return step === undefined || running === step || (mayBeOver && running === undefined);
  }

  #moves(state: State, held: Held): State[] {
    const { at, isDone, isPaused, isLeft, undoing, outcome } = state;
    if (outcome) return [];
    if (undoing) return held.isUndoing ? [] : [{ ...state, outcome: undoing }];
    const { phase } = this.places[at]!;
    const isSettled = phase === 'settle' || phase === 'teardown';
    const moves: State[] = [];
    if (!isDone && held.at !== at) {
      moves.push({ ...state, isDone: true });
      if (this.#mayFail(at)) moves.push({ ...state, isPaused: false, undoing: this.#failure(at) });
    }
    if (!isSettled && isLeft && (isDone || phase === 'bake')) {
      moves.push({ ...state, isPaused: false, undoing: 'aborted' });
    }
    if (isDone && !isPaused) moves.push(...this.#next(state));
    return moves;
  }

  #next(state: State): State[] {
    const { at, isFull } = state;
    const { phase, isLast } = this.places[at]!;
    const over: State = { ...state, outcome: 'succeeded' };
    if (phase === 'teardown') return [over];
    const isUnderTraffic = phase === 'shift' || phase === 'bake';
    // Between two phases of one step nothing is left out.
    const isStepOver = phase === 'bake' || this.places[at + 1]!.phase !== 'bake';
    if (isFull && isUnderTraffic && !isLast && isStepOver) {
      return [
        { ...state, at: this.places.findIndex((place) => place.phase === 'shift' && place.isLast), isDone: false },
      ];
    }
    // What retention keeps is not torn down.
    return [{ ...state, at: at + 1, isDone: false }, ...(phase === 'settle' ? [over] : [])];
  }

  #failure(at: number): 'rolled-back' | 'failed' {
    const shifts = this.places.findIndex(({ phase }) => phase === 'shift');
    return at >= shifts ? 'rolled-back' : 'failed';
  }
}
