import type { RolloutOutcome } from '../../../src/domain/rollout/rollout.ts';
import type { RolloutStatus } from '../../../src/domain/rollout/status.ts';
import type { RolloutVerb, Stage } from '../../../src/domain/rollout/verbs.ts';
import type { GateState, Person } from './gate-rules.ts';
import type { Place } from './places.ts';

/** Written by hand, not derived from the table: where each verb is legal, before anything else is asked about. */
const LEGAL: Record<RolloutVerb, readonly Stage[]> = {
  promote: ['bake', 'frozen'],
  pause: ['plan', 'provision', 'validate', 'shift', 'bake'],
  resume: ['plan', 'provision', 'validate', 'shift', 'bake'],
  abort: ['plan', 'provision', 'validate', 'shift', 'bake', 'frozen'],
  retry: ['frozen'],
  approve: ['plan', 'provision', 'validate', 'shift', 'bake'],
  reject: ['plan', 'provision', 'validate', 'shift', 'bake'],
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
  /** Somebody has passed all of its gates by break-glass. */
  readonly isGlass: boolean;
  /** A stop of changes that it may have met is lifted. */
  readonly isLifted: boolean;
  /** How the gates stand that it has come to; absent where it is at none. */
  readonly gates?: readonly GateState[] | undefined;
  /** One of them has expired, for which it is to be put back. */
  readonly isExpired?: boolean;
  /** What people have approved of the gates that it has passed last. */
  readonly approved?: readonly (readonly Person[])[];
  /** It has failed, and somebody decides. */
  readonly isFrozen?: boolean;
  /** Somebody has decided: its step is made again, or its traffic alone. */
  readonly redo?: 'retry' | 'promote';
  /** The bake before this counts as passed, and was not begun again. */
  readonly isUnbaked?: boolean;
  /** Why it is being put back. */
  readonly undoing?: Extract<RolloutOutcome, 'aborted' | 'rolled-back' | 'failed'>;
  readonly outcome?: RolloutOutcome;
}

/** What is asked of a rollout. */
export interface VerbAsked {
  verb: RolloutVerb;
  full?: boolean;
  breakGlass?: boolean;
  /** Of approve: who does. */
  by?: Person;
}

/** What is asked at all: of the rollout, of its service, or of all changes. */
export type Asked = VerbAsked | 'rollback' | 'supersede' | 'lift';

/** What is known to stand still. */
export interface Held {
  /** The index of the place at which it does. */
  at?: number;
  /** What puts it back. */
  isUndoing?: boolean;
}

/** What of a rollout's status the automaton knows about. */
export type Shown = Pick<RolloutStatus, 'phase' | 'undoing' | 'outcome' | 'paused' | 'steps' | 'wait' | 'frozen'>;

export const BEGIN: State = {
  ...{ at: 0, isDone: false, isPaused: false },
  ...{ isFull: false, isLeft: false, isGlass: false, isLifted: false },
};

/** Whether a rollout waits for gates, by what it shows. */
export function showsGate({ wait }: Pick<Shown, 'wait'>): boolean {
  return wait?.on.startsWith('gate ') === true;
}

/** Whether it stands at a safe point since it is paused, by what it shows. */
export function showsPause({ wait }: Pick<Shown, 'wait'>): boolean {
  return wait?.on.startsWith('resume; paused') === true;
}

/**
 * One rollout as an automaton: what it may do by itself, what each verb does to it, and what it shows. The rollout is known
 * by the set of states that it may be in; an answer or a status that fits none of them is a fault of either.
 */
export class Automaton {
  readonly places: readonly Place[];
  /** Whether what is done at a place may fail, by its index. */
  readonly #mayFail: (at: number) => boolean;
  /** Once traffic has moved it does not go back by itself. */
  readonly #staysPut: boolean;

  constructor(places: readonly Place[], mayFail: (at: number) => boolean, staysPut = false) {
    this.places = places;
    this.#mayFail = mayFail;
    this.#staysPut = staysPut;
  }

  stageOf({ at, outcome, undoing, isFrozen }: State): Stage {
    if (outcome) return 'closed';
    return isFrozen && !undoing ? 'frozen' : this.places[at]!.phase;
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

  /** It has come to gates, and is neither past them nor put back for them. */
  isAtGate({ at, gates, isDone, isExpired, isFrozen, undoing, outcome }: State): boolean {
    const isPast = isDone || isExpired === true || isFrozen === true || (undoing ?? outcome) !== undefined;
    return gates !== undefined && this.places[at]!.gate !== undefined && !isPast;
  }

  /** A gate is waited for, whether or not it looks at it just now. */
  isHeld(state: State): boolean {
    const { at, gates = [] } = state;
    return this.isAtGate(state) && this.places[at]!.gate!.rules.isWaiting(gates);
  }

  /** What a verb makes of a state; undefined where it is refused. */
  ask(state: State, asked: VerbAsked): State | undefined {
    const { verb, full, breakGlass } = asked;
    if (state.undoing) return undefined;
    // Gates are passed from where nothing else is promoted, and hold a promotion where all else would be.
    const isPassing = verb === 'promote' && breakGlass === true && this.isHeld(state);
    if (verb === 'promote' && !isPassing && full !== true && this.isHeld(state)) return undefined;
    if (!isPassing && !LEGAL[verb].includes(this.stageOf(state))) return undefined;
    switch (verb) {
      case 'pause':
        return state.isPaused ? undefined : { ...state, isPaused: true };
      case 'resume':
        return state.isPaused ? { ...state, isPaused: false } : undefined;
      case 'promote': {
        const more = { isFull: state.isFull || full === true, isGlass: state.isGlass || breakGlass === true };
        if (state.isFrozen) return this.#goOn({ ...state, ...more, isPaused: false }, 'promote');
        // Gates do not open by it.
        return { ...state, isPaused: false, isDone: state.isDone || !state.gates, ...more };
      }
      case 'retry':
        return this.#goOn(state, 'retry');
      case 'abort':
        return { ...state, isPaused: false, undoing: 'aborted' };
      case 'approve':
        return this.#approve(state, asked.by);
      case 'reject':
        return this.#awaitsPeople(state) ? { ...state, isPaused: false, undoing: 'aborted' } : undefined;
    }
  }

  /** Whether a rollout in this state may show that status. */
  shows(state: State, status: Shown): boolean {
    if (state.outcome ?? status.outcome) return state.outcome === status.outcome;
    const { phase, step, gate } = this.places[state.at]!;
    if (state.undoing ?? status.undoing) return state.undoing !== undefined && status.undoing === phase;
    if (status.paused !== state.isPaused) return false;
    if ((status.frozen !== undefined) !== (state.isFrozen === true)) return false;
    if (showsGate(status) && !this.isAtGate(state)) return false;
    if (showsPause(status) && !(state.isDone || this.isAtGate(state))) return false;
    const running = status.steps.find((each) => each.state === 'running')?.number;
    // The step is begun once its gates are open, a moment before its phase.
    // Where the bake before it counts as passed, the phase is still that of the traffic.
    const shown = state.isUnbaked && status.phase === 'shift' ? 'bake' : status.phase;
    if (gate) return shown === phase && (running === undefined || (state.isDone && running === gate.step));
    // It is settled on from the moment that nothing can be put back any more, a moment before the phase begins.
    const before = this.places[state.at - 1]?.phase;
    if (status.phase !== phase && !(phase === 'settle' && shown === before)) return false;
    // A step that has failed runs no more, a moment before everything is put back.
    const mayBeOver = state.isDone || this.#mayFail(state.at);

    return step === undefined || running === step || (mayBeOver && running === undefined);
  }

  #awaitsPeople(state: State): boolean {
    return this.isAtGate(state) && this.places[state.at]!.gate!.rules.awaitsPeople(state.gates ?? []);
  }

  #approve(state: State, by: Person | undefined): State | undefined {
    if (by === undefined || !this.isAtGate(state)) return undefined;
    const gates = this.places[state.at]!.gate!.rules.approve(state.gates ?? [], by);
    return gates && { ...state, gates };
  }

  #moves(state: State, held: Held): State[] {
    const { at, isDone, isPaused, isLeft, isExpired, isFrozen, undoing, outcome } = state;
    if (outcome) return [];
    if (undoing) return held.isUndoing ? [] : [{ ...state, outcome: undoing }];
    if (isExpired) return [this.#fail(state)];
    if (isFrozen) return isLeft ? [{ ...state, isPaused: false, undoing: 'aborted' }] : [];
    const { phase, gate } = this.places[at]!;
    const isSettled = phase === 'settle' || phase === 'teardown';
    const moves: State[] = [];
    if (gate) {
      moves.push(...this.#waits(state));
    } else if (!isDone && held.at !== at) {
      moves.push({ ...state, isDone: true });
      if (this.#mayFail(at)) moves.push(this.#fail(state));
    }
    if (!isSettled && isLeft && (isDone || gate || phase === 'bake')) {
      moves.push({ ...state, isPaused: false, undoing: 'aborted' });
    }
    if (isDone && !isPaused) moves.push(...this.#next(state));
    return moves;
  }

  /** What becomes of it at its gates, which it does not look at while it is paused. */
  #waits(state: State): State[] {
    const { at, gates = [], isPaused, isDone, isGlass, isLifted } = state;
    const { rules } = this.places[at]!.gate!;
    if (isDone) return [];
    const moves = rules.moves(gates, isLifted).map((each): State => ({ ...state, gates: each }));
    if (isPaused) return moves;
    if (isGlass) moves.push({ ...state, isDone: true });
    if (rules.isFailed(gates)) moves.push({ ...state, isExpired: true });
    else if (!rules.isWaiting(gates)) moves.push({ ...state, isDone: true });
    return moves;
  }

  #next(state: State): State[] {
    const { at, isFull, redo } = state;
    const { phase, step, isLast, gate } = this.places[at]!;
    // What was decided of a bake holds from the traffic of its step on.
    if (redo && phase === 'bake' && !gate) return [this.#enter(state, this.#stepOf(step))];
    const over: State = { ...state, outcome: 'succeeded' };
    if (phase === 'teardown') return [over];
    const isUnderTraffic = !gate && (phase === 'shift' || phase === 'bake');
    // Between two phases of one step nothing is left out.
    const isBaked = this.places[at + 1]!.phase === 'bake' && this.places[at + 1]!.gate === undefined;
    const isPassedOver = redo === 'promote' && phase === 'shift' && !gate && isBaked;
    const isStepOver = phase === 'bake' || !isBaked || isPassedOver;
    if (isFull && isUnderTraffic && !isLast && isStepOver) return [this.#enter(state, this.#lastStep)];
    // What retention keeps is not torn down.
    const entered = this.#enter(state, at + (isPassedOver ? 2 : 1));
    return [isPassedOver ? { ...entered, isUnbaked: true } : entered, ...(phase === 'settle' ? [over] : [])];
  }

  #enter({ approved, redo, isUnbaked: _past, ...state }: State, at: number): State {
    const from = this.places[state.at]!;
    const said = from.gate ? state.gates?.map(({ by }) => by) : approved;
    const rules = this.places[at]!.gate?.rules;
    // What was decided of a step holds up to its bake.
    const isMoved = from.phase === 'shift' && !from.gate;
    return {
      ...state,
      ...{ at, isDone: false },
      gates: redo && !isMoved ? rules?.beginAgain(said) : rules?.begun,
      ...(said ? { approved: said } : {}),
      ...(redo && !isMoved ? { redo } : {}),
    };
  }

  /** Where its step begins: at its gates, if it has any. */
  #stepOf(step: number | undefined): number {
    return this.places.findIndex(
      ({ gate, ...place }) => (gate ?? place).step === step && (gate ?? place.phase === 'shift'),
    );
  }

  /** What somebody has decided of what failed: at a gate that is waited for again. */
  #goOn({ isFrozen: _over, ...state }: State, redo: 'retry' | 'promote'): State | undefined {
    const { gate } = this.places[state.at]!;
    if (!gate) return { ...state, isDone: true, redo };
    return { ...state, gates: gate.rules.beginAgain(state.gates?.map(({ by }) => by)) };
  }

  /** What becomes of it where it fails: nobody gives traffic back by themselves where it stays put. */
  #fail({ isExpired: _known, ...state }: State): State {
    const failure = this.#failure(state.at);
    if (this.#staysPut && failure === 'rolled-back') return { ...state, isFrozen: true };
    return { ...state, isPaused: false, undoing: failure };
  }

  /** Where the step with all traffic begins: at its gates, if it has any. */
  get #lastStep(): number {
    return this.places.findIndex(({ phase, isLast, gate }) => gate?.isLast ?? (phase === 'shift' && isLast));
  }

  #failure(at: number): 'rolled-back' | 'failed' {
    const shifts = this.places.findIndex(({ phase, gate }) => phase === 'shift' && !gate);
    return at >= shifts ? 'rolled-back' : 'failed';
  }
}
