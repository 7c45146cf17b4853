import type { Phase } from '../../../src/domain/rollout/rollout.ts';
import type { RolloutStatus } from '../../../src/domain/rollout/status.ts';
import { type Asked, type Automaton, BEGIN, type Held, type State } from './automaton.ts';
import { type Cell, nameCell } from './cells.ts';
import type { StepCall, StepName } from './turnstile.ts';

/** What a client was answered. */
export type Answer = { isTaken: true; text: string } | { isTaken: false; text: string };

/** What was asked, and the answer; of the service, whether that ends the rollout. */
export interface Exchange {
  asked: Asked;
  answer: Answer;
  endsRollout?: boolean;
}

interface Path {
  state: State;
  /** What was asked in which cell, by the index of the exchange. */
  cells: Map<number, Cell>;
}

/** Where a step may be made that is made at more than one place. */
const ENDING: Partial<Record<StepName, readonly Phase[]>> = {
  shift: ['shift', 'settle', 'teardown'],
  destroy: ['teardown'],
};

/** What puts a rollout back. */
const UNDOING: ReadonlySet<StepName> = new Set(['shift', 'destroy', 'recordPutBack']);

/** What was seen or heard fits no state that the rollout may be in. */
export class ObjectionError extends Error {
  override readonly name = 'ObjectionError';
}

/** Holds everything that is seen and heard of one rollout against what it may do. */
export class Witness {
  readonly automaton: Automaton;
  /** What was seen and asked, in order, for whoever has to find out why. */
  readonly log: string[] = [];
  #states: State[] = [BEGIN];
  #held: Held = {};
  #isSure = true;

  constructor(automaton: Automaton) {
    this.automaton = automaton;
  }

  get states(): readonly State[] {
    return this.#states;
  }

  /** Where it is at the most, by the index of its place; the number of places where it is over. */
  get earliest(): number {
    return Math.min(...this.#states.map(({ at, outcome }) => (outcome ? this.automaton.places.length : at)));
  }

  get isOver(): boolean {
    return this.#states.every(({ outcome }) => outcome !== undefined);
  }

  get isUndoing(): boolean {
    return this.#states.every(({ undoing, outcome }) => undoing !== undefined && outcome === undefined);
  }

  get isFrozen(): boolean {
    return this.#states.every(
      ({ isFrozen, undoing, outcome }) => isFrozen === true && (undoing ?? outcome) === undefined,
    );
  }

  get isSure(): boolean {
    return this.#isSure;
  }

  /** Somebody got no answer: from here on anything may have been taken. */
  giveUp(why: string): void {
    this.log.push(`nothing is sure any more: ${why}`);
    this.#isSure = false;
  }

  /** What was held up may be so no more: a worker that ends lets go of it. */
  released(): void {
    if (Object.keys(this.#held).length > 0) this.passed();
  }

  /** Nothing is known to be held up any more. */
  passed(): void {
    this.log.push('goes on');
    this.#settle();
    this.#held = {};
    this.#settle();
  }

  /**
   * A step was stopped at its beginning: so far it has come, and no further.
   *
   * @param place the index of the place where that is, if it is sure
   */
  arrived({ name }: StepCall, place: number | undefined): void {
    const { places } = this.automaton;
    // What was held up before is not any more.
    this.#held = {};
    this.#settle();
    // One that was called off on its way arrives all the same, and holds nothing up.
    const isLook = name === 'check' || name === 'bake';
    const at = this.#states.filter((state) => {
      if (state.outcome) return name === 'close';
      if (state.undoing) return UNDOING.has(name) || isLook;
      if (state.isDone) return false;
      if (place !== undefined) return place === state.at;
      const { phase, gate } = places[state.at]!;
      return !gate && (ENDING[name]?.includes(phase) ?? false);
    });
    this.#keep(at, `${name} is held up`);
    const [first] = at;
    const isOnePlace = at.every((state) => state.at === first?.at && !state.outcome && !state.undoing);
    const isUndoing = at.every(({ undoing, outcome }) => undoing !== undefined && outcome === undefined);
    this.#held = isUndoing ? { isUndoing: !isLook } : first && isOnePlace ? { at: first.at } : {};
    this.#settle();
  }

  saw(status: RolloutStatus): void {
    const { phase, paused, undoing, outcome, steps, frozen } = status;
    const step = steps.find(({ state }) => state === 'running')?.number;
    const shown = JSON.stringify({ phase, step, paused, undoing, outcome, frozen: frozen && true });
    this.#settle();
    this.#keep(
      this.#states.filter((state) => this.automaton.shows(state, status)),
      `shows ${shown}`,
    );
  }

  /** Asked at the same moment: there is an order in which all were answered as they should be. Returns where each was asked, where that is sure. */
  heard(exchanges: readonly Exchange[], wasHeld: boolean): (Cell | undefined)[] {
    if (!wasHeld) this.#held = {};
    const told = exchanges.map(({ asked, answer }) => {
      return `${describeAsked(asked)} → ${answer.isTaken ? 'taken' : 'refused'}: ${answer.text}`;
    });
    this.#settle();
    const begun = this.#states.map((state): Path => ({ state, cells: new Map() }));
    const paths = listOrders(exchanges.map((_, index) => index)).flatMap((order) =>
      order.reduce((all, index) => this.#follow(all, index, exchanges[index]!), begun),
    );
    this.#keep(unique(paths.map(({ state }) => state)), told.join(' | '));
    this.#settle();
    return exchanges.map((_, index) => {
      const cells = new Set(paths.map((path) => path.cells.get(index)));
      return cells.size === 1 ? [...cells][0] : undefined;
    });
  }

  #follow(paths: readonly Path[], index: number, exchange: Exchange): Path[] {
    return paths.flatMap(({ state, cells }) => {
      const next = this.#answer(state, exchange);
      if (!next) return [];
      const known = new Map(cells).set(index, nameCell(this.automaton, state, exchange.asked));
      return this.automaton.settle([next], this.#held).map((each) => ({ state: each, cells: known }));
    });
  }

  /** The state after an answer; undefined where it is none that this state gives. */
  #answer(state: State, { asked, answer, endsRollout }: Exchange): State | undefined {
    if (asked === 'lift') return { ...state, isLifted: true };
    if (typeof asked === 'string') return endsRollout ? { ...state, isLeft: true } : state;
    const next = this.automaton.ask(state, asked);
    if (answer.isTaken) return next;
    if (next) return undefined;
    const [, stage] = /in phase (\w+):/.exec(answer.text) ?? [];
    return this.automaton.stageOf(state) === (stage ?? 'closed') ? state : undefined;
  }

  #settle(): void {
    this.#states = this.automaton.settle(this.#states, this.#held);
  }

  #keep(states: State[], seen: string): void {
    if (this.log.at(-1) !== seen) this.log.push(seen);
    if (!this.#isSure) return;
    if (states.length === 0) {
      const expected = this.#states.map((state) => JSON.stringify({ ...this.automaton.places[state.at], ...state }));
      throw new ObjectionError(`${this.log.join('\n')}\nwhich is none of:\n${expected.join('\n')}`);
    }
    this.#states = states;
  }
}

function describeAsked(asked: Asked): string {
  if (typeof asked === 'string') return asked;
  const { verb, full, breakGlass, by } = asked;
  return [
    verb,
    ...(by ? [`by ${by}`] : []),
    ...(full ? ['--full'] : []),
    ...(breakGlass ? ['--break-glass'] : []),
  ].join(' ');
}

function unique(states: readonly State[]): State[] {
  return [...new Map(states.map((state) => [JSON.stringify(state), state])).values()];
}

function listOrders<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, index) => listOrders(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}
