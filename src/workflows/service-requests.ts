import { answerTo } from '../domain/answers.ts';
import type { Change, Request, Ticket } from '../domain/requests.ts';
import { type Decision, decide, givingWay, numbered, taken } from '../domain/service-decisions.ts';
import type { Answer, Entry } from '../domain/service-state.ts';
import { expired, failureOf, isLate, refuseLate } from './refusals.ts';
import type { ServiceDesk } from './service-desk.ts';
import { described, recorded } from './service-facts.ts';
import { answerAgain, drop, now, recordsFirst } from './service-records.ts';
import { answerAsBefore } from './service-unrecorded.ts';
import { quickly } from './steps.ts';

/** Answers a request. What the answer promises is on record before it is given. */
export async function answer(desk: ServiceDesk, request: Request, change: Change): Promise<Ticket> {
  const before = answerAgain(desk, request, change);
  if (before) return before;
  const facts = await described(desk, request);
  if (!recordsFirst(desk)) return answerAsBefore(desk, request, change, facts);
  return desk.inTurn(async () => {
    const meanwhile = answerAgain(desk, request, change);
    if (meanwhile) return meanwhile;
    const revision = await recorded(desk, request);
    refuseLate(change);
    const decision = decide(desk.state, request, change, { ...facts, ...revision, now: now() });
    if (decision.kind === 'refused') throw failureOf(decision.refusal);
    return carryIn(desk, decision, request, change);
  });
}

type Accepted = Exclude<Decision, { kind: 'refused' }>;

async function carryIn(desk: ServiceDesk, decision: Accepted, request: Request, change: Change): Promise<Ticket> {
  const { requestId } = change;
  const at = now();
  const { ticket } = decision;
  await record(desk, decision, change, answerTo(request, requestId, at, ticket));
  if (decision.kind === 'queued' && isLate(change)) await withdraw(desk, decision.entry, change, at);
  desk.state = taken(desk.state, decision, request, requestId, at);
  if (decision.kind === 'queued') await makeWay(desk, decision.entry, change);
  return ticket;
}

async function record(desk: ServiceDesk, decision: Accepted, change: Change, given: Answer): Promise<void> {
  const entry = decision.kind === 'queued' ? decision.entry : undefined;
  const spec = entry ? entry.spec : decision.kind === 'answered' ? decision.spec : undefined;
  const summary = entry ? `rollout ${entry.number} is asked for` : 'no rollout is needed';
  await quickly('accept', summary, [
    { service: desk.state.key, change, answer: given, ...(entry ? { entry } : {}), ...(spec ? { spec } : {}) },
  ]);
}

/** Its caller was told by now that nothing was started. Its numbers stay taken. */
async function withdraw(desk: ServiceDesk, entry: Entry, change: Change, at: string): Promise<never> {
  desk.state = numbered(desk.state, entry);
  const { requestId } = change;
  await drop(desk, entry, change.actor, 'it was on record too late for its caller', { forget: { requestId, at } });
  throw expired(change);
}

/** For a rollout that others give way to. */
async function makeWay(desk: ServiceDesk, entry: Entry, { actor }: Change): Promise<void> {
  const because = `superseded by rollout ${entry.number}`;
  const { drop: others, running } = givingWay(desk.state, entry);
  const leaving = desk.leaving(others, (each) => drop(desk, each, actor, because));
  if (running) await desk.supersede(running.number, because);
  await leaving;
}
