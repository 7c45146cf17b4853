import { patched } from '@temporalio/workflow';
import { answeredBefore } from '../domain/answers.ts';
import type { Change, Request, Ticket } from '../domain/requests.ts';
import type { Answer, Entry } from '../domain/service-state.ts';
import { failureOf } from './refusals.ts';
import type { ServiceDesk } from './service-desk.ts';
import { quickly } from './steps.ts';

/** Whether a request goes on record first. What a service did under an older version is replayed without. */
export function recordsFirst(desk: ServiceDesk): boolean {
  if (!patched('requests-on-record-first')) return false;
  desk.recordsFirst = true;
  return true;
}

/** The ticket that was given to the same request before; undefined for a new one. */
export function answerAgain({ state }: ServiceDesk, request: Request, { requestId }: Change): Ticket | undefined {
  const before = answeredBefore(state, request, requestId);
  if (before && 'refusal' in before) throw failureOf(before.refusal);
  return before?.answer.ticket;
}

/** Puts on record that a rollout leaves the queue. */
export async function drop(
  { state }: ServiceDesk,
  entry: Entry,
  actor: string,
  because: string,
  more: { answer?: Answer; forget?: { requestId: string; at: string } } = {},
): Promise<void> {
  const { number, kind, spec, revision, queuedAt, reason } = entry;
  const task = {
    ref: { service: state.key, number, actor },
    kind,
    spec,
    ...(revision ? { revision } : {}),
    requestedBy: entry.actor,
    ...(reason === undefined ? {} : { reason }),
    queuedAt,
    at: now(),
    because,
    ...more,
  };
  await quickly('drop', `rollout ${number} leaves the queue: ${because}`, [task]);
}

export function now(): string {
  return new Date().toISOString();
}
