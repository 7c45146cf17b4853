/**
 * What services did before requests were on record first. Kept for the histories of those that run: their past is
 * replayed by it, and nothing new goes this way.
 */
import type { Change, Note, Request, Ticket } from '../domain/requests.ts';
import { type Facts, decide, givingWay, taken, unqueued } from '../domain/service-decisions.ts';
import { noted } from '../domain/service-notes.ts';
import { standing } from '../domain/service-state.ts';
import { failureOf, refuseLate } from './refusals.ts';
import type { ServiceDesk } from './service-desk.ts';
import { answerAgain, drop, now } from './service-records.ts';
import { quickly } from './steps.ts';

/** The effect first, the record after it. */
export async function answerAsBefore(
  desk: ServiceDesk,
  request: Request,
  change: Change,
  described: Omit<Facts, 'now'>,
): Promise<Ticket> {
  const facts = { ...described, ...(await recordedAsBefore(desk, request)), undirected: true, now: now() };
  const meanwhile = answerAgain(desk, request, change);
  if (meanwhile) return meanwhile;
  refuseLate(change);
  const decision = decide(desk.state, request, change, facts);
  if (decision.kind === 'refused') throw failureOf(decision.refusal);
  if (decision.kind === 'answered' && decision.spec) {
    await quickly('saveSpec', 'keep what does not need a new revision', [decision.spec]);
  }
  const before = desk.state;
  desk.state = taken(before, decision, request, change.requestId, now());
  if (decision.kind !== 'queued') return decision.ticket;
  const { entry, ticket } = decision;
  const because = `superseded by rollout ${entry.number}`;
  const { drop: others, running } = givingWay(before, entry);
  for (const { number } of others) desk.state = unqueued(desk.state, number);
  if (running) await desk.supersede(running.number, because);
  for (const each of others) await drop(desk, each, change.actor, because);
  return ticket;
}

async function recordedAsBefore({ state }: ServiceDesk, request: Request): Promise<Pick<Facts, 'revision'>> {
  if (request.kind !== 'rollback' || request.to === undefined || standing(state.lineup, request.to)) return {};
  const task = { service: state.key, number: request.to };
  const revision = await quickly('recallRevision', `what is on record of r${request.to}`, [task]);
  return revision ? { revision } : {};
}

export async function noteAsBefore(desk: ServiceDesk, note: Note, change: Change): Promise<void> {
  const { key } = desk.state;
  const isKnown =
    note.kind !== 'drop' &&
    (await quickly('recallRevision', 'is it on record?', [{ service: key, number: note.revision }])) !== null;
  refuseLate(change);
  const outcome = noted(desk.state, note, isKnown);
  if ('refusal' in outcome) throw failureOf(outcome.refusal);
  desk.state = outcome.state;
  if (outcome.dropped) {
    const why = change.reason === undefined ? '' : `: ${change.reason}`;
    await drop(desk, outcome.dropped, change.actor, `taken out of the queue by ${change.actor}${why}`);
    return;
  }
  const { pinned = [], bad = [] } = desk.state;
  await quickly('mark', `${note.kind} on record`, [{ service: key, note, change, pinned, bad }]);
}
