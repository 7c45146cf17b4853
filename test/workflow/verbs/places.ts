import type { GatePhase } from '../../../src/domain/gates/gate.ts';
import type { PlannedStep } from '../../../src/domain/rollout/plan.ts';
import type { Phase, RolloutKind } from '../../../src/domain/rollout/rollout.ts';
import type { Route } from '../../../src/domain/traffic/route.ts';
import { type DrawnGate, GateRules } from './gate-rules.ts';
import type { StepCall } from './turnstile.ts';

/** Where a rollout may be: a phase, or one phase of one step of its plan, or the gates before one. */
export interface Place {
  /** Of gates: the phase before them, which is shown as long as they are waited for. */
  phase: Phase;
  /** Of shift and bake: from 1 on. */
  step?: number;
  /** Of shift and bake: it is of the last step. */
  isLast?: boolean;
  /** Of shift and bake: with how much of the traffic, which no other step has. */
  weight?: number;
  gate?: GatePlace;
}

/** Gates that are waited for together. */
export interface GatePlace {
  before: GatePhase;
  /** Of a shift. */
  step?: number;
  isLast?: boolean;
  rules: GateRules;
}

/** What a rollout is about to do, as far as its places go. */
export interface Course {
  kind: RolloutKind;
  /** Its stack stands: nothing is provisioned. */
  isWarm: boolean;
  /** One that bakes for 0 ms has no bake. */
  plan: readonly Pick<PlannedStep, 'number' | 'of' | 'weight' | 'bakeMs'>[];
  /** What a deployment waits for; nothing else waits for any. */
  gates?: readonly DrawnGate[];
}

/** All places of a rollout that succeeds, in order. */
export function listPlaces({ kind, isWarm, plan, gates = [] }: Course): Place[] {
  const ends: Place[] = [{ phase: 'settle' }, { phase: 'teardown' }];
  if (kind === 'remove') return [{ phase: 'plan' }, ...ends];
  const moves = plan.flatMap(({ number: step, of, weight, bakeMs }): Place[] => {
    const place = { step, isLast: step === of, weight };
    return [{ phase: 'shift', ...place }, ...(bakeMs > 0 ? [{ phase: 'bake' as const, ...place }] : [])];
  });
  const provision: Place[] = isWarm ? [] : [{ phase: 'provision' }];
  const all: Place[] = [{ phase: 'plan' }, ...provision, { phase: 'validate' }, ...moves, ...ends];
  return kind === 'deploy' ? withGates(all, gates) : all;
}

function withGates(places: readonly Place[], gates: readonly DrawnGate[]): Place[] {
  return places.flatMap((place, at) => {
    const { phase: before, step, isLast } = place;
    const isPoint = before === 'provision' || before === 'shift' || before === 'settle';
    const here = isPoint ? gates.filter((gate) => standsBefore(gate, before, step)) : [];
    if (!isPoint || here.length === 0) return [place];
    const of = step === undefined ? {} : { step, ...(isLast === undefined ? {} : { isLast }) };
    return [{ phase: places[at - 1]!.phase, gate: { before, ...of, rules: new GateRules(here) } }, place];
  });
}

function standsBefore(gate: DrawnGate, before: GatePhase, step: number | undefined): boolean {
  if (gate.before !== before) return false;
  return before !== 'shift' || gate.step === 'every' || (gate.step ?? 1) === step;
}

/** What is known of a rollout that makes a step. */
export interface StepFacts {
  places: readonly Place[];
  /** The one it brings in. */
  revision: number | undefined;
  /** Of the traffic that revision has now, in percent. */
  weight: number;
}

/** The index of the place at which a step is made; the number of places where it is the last. Undefined where the rollout may be anywhere. */
export function findPlace({ name, task }: StepCall, { places, revision, weight }: StepFacts): number | undefined {
  const of = (phase: Phase): number => places.findIndex((place) => place.phase === phase && !place.gate);
  switch (name) {
    case 'open':
      return of('plan');
    case 'provision':
    case 'settle':
      return of(name);
    case 'check':
    case 'recheck':
      return of('validate');
    case 'bake':
      return places.findIndex((place) => place.phase === 'bake' && place.weight === weight);
    case 'shift': {
      const { targets, preview } = (task as { route: Route }).route;
      // It is looked at, which is before it has any traffic.
      if (revision !== undefined && preview?.revision === revision) return of('validate');
      const given = targets.find((target) => target.revision === revision)?.weight ?? 0;
      // Else it gives traffic back, or takes out of the route what goes.
      const isMove = given > 0 && given !== weight;
      return isMove ? places.findIndex((place) => place.phase === 'shift' && place.weight === given) : undefined;
    }
    case 'close':
      return places.length;
    case 'destroy':
    case 'recordPutBack':
      return undefined;
  }
}
