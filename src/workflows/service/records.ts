import { findAnswer } from '../../domain/service/answers.ts';
import type { Receipt } from '../../domain/service/requests.ts';
import type { CommandReading } from '../../activities/commands.ts';
import type { Answer, Entry } from '../../domain/service/state.ts';
import { toFailure } from '../shared/refusals.ts';
import type { ServiceContext } from './context.ts';
import { localFirst } from '../shared/activities.ts';

/** The receipt that was given to the same request before; undefined for a new one. */
export function repeatAnswer({ state }: ServiceContext, { asking, before }: CommandReading): Receipt | undefined {
  const known = findAnswer(state, asking, before);
  if (known && 'refusal' in known) throw toFailure(known.refusal);
  return known?.answer.receipt;
}

/** Records that a rollout leaves the queue. */
export async function recordDropped(
  { state }: ServiceContext,
  { number, kind, revision, queuedAt, actor: requestedBy }: Entry,
  actor: string,
  because: string,
  more: { answer?: Answer; forget?: { requestId: string; at: string } } = {},
): Promise<void> {
  const task = {
    ref: { service: state.key, number, actor },
    kind,
    ...(revision ? { revision: revision.number } : {}),
    requestedBy,
    queuedAt,
    at: nowIso(),
    because,
    ...more,
  };
  await localFirst('drop', `rollout ${number} leaves the queue: ${because}`, [task]);
}

export function nowIso(): string {
  return new Date().toISOString();
}
