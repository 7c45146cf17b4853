import { randomUUID } from 'node:crypto';
import { DEFAULT_FREEZE } from '../../../src/domain/rollback/aftermath.ts';
import { fitPlan, planRollout } from '../../../src/domain/rollout/plan.ts';
import { ERROR_COMPARISON } from '../../../src/domain/evidence/judge/error-findings.ts';
import type { RolloutKind } from '../../../src/domain/rollout/rollout.ts';
import type { Receipt, Request } from '../../../src/domain/service/requests.ts';
import type { ServiceSpec } from '../../../src/domain/service/service.ts';
import { verdict } from '../../doubles/recording-activities.ts';
import type { Bench } from '../bench.ts';
import { type Act, answering, permanent } from '../faults.ts';
import { spec } from '../samples.ts';
import { Automaton } from './automaton.ts';
import { type TestClient, insist } from './clients.ts';
import { buildGate } from './gate-draws.ts';
import { STOP } from './gate-rules.ts';
import { type Place, listPlaces } from './places.ts';
import type { Sequence } from './sequence.ts';
import type { StepCall } from './turnstile.ts';

/** The rollout that a sequence is about. */
export interface Subject {
  kind: RolloutKind;
  number: number;
  /** The one it brings in; undefined where it takes the service away. */
  revision: number | undefined;
  /** A revision was live when it began. */
  hasPrevious: boolean;
  automaton: Automaton;
  /** With how much of the traffic a bake has its fault; undefined where none has. */
  faultWeight: number | undefined;
}

/** Has it begun, whatever the service is like; a deployment where there is nothing to go back to, or to take away. */
export async function beginSubject(
  bench: Bench,
  client: TestClient,
  sequence: Sequence,
  artifact: string,
): Promise<Subject> {
  const { catalogue } = bench.activities.store;
  const revisions = await catalogue.revisions(bench.service, 1_000);
  const hasPrevious = revisions.some(({ state }) => state === 'live');
  const described = describeService(bench, sequence, artifact);
  const asked = await ask(client, sequence.subject, described);
  if (!asked) throw new Error(`${artifact} was refused`);
  const { kind, receipt } = asked;
  const target = revisions.find(({ number }) => number === receipt.revision);
  const isWarm = kind === 'rollback' && target?.state === 'warm';
  // A rollback is made as the service is described.
  const { spec: current = described } = (await catalogue.service(bench.service)) ?? {};
  const plan = fitPlan(planRollout(current.strategy), { isAtOnce: isWarm, hasPrevious });
  const gates = sequence.isStopped ? [...sequence.gates, STOP] : sequence.gates;
  const places = listPlaces({ kind, isWarm, plan, gates });
  const mayFail = findFailing(sequence, places);
  const bake = places.find(({ phase }, at) => phase === 'bake' && mayFail(at));
  const staysPut = kind === 'rollback' || (kind === 'deploy' && sequence.freezes);
  const automaton = new Automaton(places, mayFail, staysPut);
  const { rollout: number, revision } = receipt;
  return { kind, number, revision, hasPrevious, automaton, faultWeight: bake?.weight };
}

async function ask(
  client: TestClient,
  wanted: Sequence['subject'],
  described: ServiceSpec,
): Promise<{ kind: Subject['kind']; receipt: Receipt } | undefined> {
  const requests: Record<Sequence['subject'], Request> = {
    deploy: { kind: 'apply', spec: described },
    rollback: { kind: 'rollback' },
    remove: { kind: 'remove' },
  };
  for (const kind of new Set([wanted, 'deploy'] as const)) {
    const requestId = randomUUID();
    const answer = await insist(() => client.ask(requests[kind], requestId));
    if (answer.receipt && !answer.receipt.unchanged) return { kind, receipt: answer.receipt };
  }
  return undefined;
}

export function describeService(bench: Bench, sequence: Sequence, artifact: string): ServiceSpec {
  const { strategy, concurrency, warm } = sequence;
  const gates = sequence.gates.map(buildGate);
  const more = {
    ...(gates.length === 0 ? {} : { gates }),
    ...(sequence.freezes ? { freezeOnFail: DEFAULT_FREEZE } : {}),
  };
  return { ...spec(bench.service, { artifact, concurrency, warm, ...more }), strategy };
}

/** Where the sequence has something fail. */
function findFailing({ fault }: Sequence, places: readonly Place[]): (at: number) => boolean {
  if (!fault) return () => false;
  const phase = fault.step === 'check' ? 'validate' : fault.step;
  const of = [...places.keys()].filter((at) => places[at]?.phase === phase && !places[at].gate);
  const failing = of[fault.step === 'bake' ? fault.nth : 0];
  return (at) => at === failing;
}

/**
 * What the sequence's fault makes of a step of its rollout.
 *
 * @param subject the rollout, once it is known
 */
export function createFault(
  { fault, strategy }: Sequence,
  { activities }: Bench,
  subject: () => Subject | undefined,
): (call: StepCall) => Act | undefined {
  return ({ name, task }) => {
    if (fault?.step !== name) return undefined;
    if (name === 'provision') return permanent('StackFailed');
    const { revision } = (task as { subject: { revision: number } }).subject;
    if (name === 'check') return answering(verdict('home', revision, fault.verdict));
    if (activities.router.weights[`r${revision}`] !== subject()?.faultWeight) return undefined;
    return answering([verdict(strategy.analysis ? ERROR_COMPARISON : 'home', revision, fault.verdict)]);
  };
}
