import type { GateAction, GatePhase } from '../../../src/domain/gates/gate.ts';

/** Who can be asked for an approval. Ada asks for every rollout; Eve has no role that counts. */
export const PEOPLE = ['ada', 'bob', 'cy', 'eve'] as const;
export type Person = (typeof PEOPLE)[number];

export const REQUESTER: Person = 'ada';
export const APPROVERS: readonly Person[] = ['ada', 'bob', 'cy'];

/** A gate of a sequence, as far as it is known when, and whether, it opens. */
export interface DrawnGate {
  before: GatePhase;
  step?: number | 'every';
  /** By so many people; at the first look; never; of a stop of changes, once that is lifted. */
  opens: { least: 1 | 2; withRequester: boolean } | 'at once' | 'never' | 'lifted';
  /** It expires soon, and this follows; else it does not as long as a sequence takes. */
  expires?: GateAction;
}

/** Changes are stopped when the rollout begins: as a gate, though no service names it. */
export const STOP: DrawnGate = { before: 'provision', opens: 'lifted' };

/** How a gate stands at which a rollout is. */
export interface GateState {
  /** Who has approved, in the order of their names. */
  by: readonly Person[];
  /** It has opened by itself, or has expired. */
  isOver?: 'open' | 'expired';
}

/** The gates at one point of a rollout, by rules that are written by hand: what may become of them, and what people do to them. */
export class GateRules {
  readonly gates: readonly DrawnGate[];

  constructor(gates: readonly DrawnGate[]) {
    this.gates = gates;
  }

  get begun(): GateState[] {
    return this.gates.map(() => ({ by: [] }));
  }

  /** Of a step that is made again: who has approved before. */
  beginAgain(approved: readonly (readonly Person[])[] = []): GateState[] {
    return this.gates.map((_, index) => ({ by: approved[index] ?? [] }));
  }

  isWaiting(states: readonly GateState[]): boolean {
    return states.some((_, index) => this.#isWaiting(states, index));
  }

  /** Somebody's word is waited for. */
  awaitsPeople(states: readonly GateState[]): boolean {
    return states.some((_, index) => typeof this.gates[index]!.opens === 'object' && this.#isWaiting(states, index));
  }

  /** One has expired that puts the rollout back. */
  isFailed(states: readonly GateState[]): boolean {
    return states.some(({ isOver }, index) => isOver === 'expired' && this.gates[index]!.expires === 'rollback');
  }

  /** What time may make of them, or that changes are not stopped any more. */
  moves(states: readonly GateState[], isLifted: boolean): GateState[][] {
    return states.flatMap((state, index) => {
      const { opens, expires } = this.gates[index]!;
      if (!this.#isWaiting(states, index)) return [];
      return [
        ...(opens === 'at once' || (opens === 'lifted' && isLifted)
          ? [states.with(index, { ...state, isOver: 'open' as const })]
          : []),
        ...(expires ? [states.with(index, { ...state, isOver: 'expired' as const })] : []),
      ];
    });
  }

  /** With somebody's yes; undefined where it counts for none of them. */
  approve(states: readonly GateState[], person: Person): GateState[] | undefined {
    const counts = states.map((_, index) => this.#counts(states, index, person));
    if (!counts.includes(true)) return undefined;
    return states.map((state, index) => (counts[index] ? { ...state, by: [...state.by, person].toSorted() } : state));
  }

  #counts(states: readonly GateState[], index: number, person: Person): boolean {
    const { opens } = this.gates[index]!;
    if (typeof opens !== 'object' || !this.#isWaiting(states, index)) return false;
    if (!APPROVERS.includes(person) || (person === REQUESTER && !opens.withRequester)) return false;
    return !states[index]!.by.includes(person);
  }

  #isWaiting(states: readonly GateState[], index: number): boolean {
    const { by, isOver } = states[index]!;
    const { opens } = this.gates[index]!;
    return isOver === undefined && !(typeof opens === 'object' && by.length >= opens.least);
  }
}
