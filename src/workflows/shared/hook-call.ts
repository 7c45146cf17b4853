import { ActivityFailure, TimeoutFailure } from '@temporalio/workflow';
import type { HookAnswer } from '../../domain/hooks/answer.ts';
import { failureText } from './activities.ts';

/** Beyond what a call may take itself: for a worker to take it up, or for another one to do so where it is lost. In milliseconds. */
export const HAND_OVER_MS = 15_000;

/**
 * What a call of a webhook comes to that did not come about: whatever becomes of one is an answer.
 *
 * @throws the error itself, where it is not the call's
 */
export function toHookAnswer(error: unknown): HookAnswer {
  if (!(error instanceof ActivityFailure)) throw error;
  const status = error.cause instanceof TimeoutFailure ? 'unanswered' : 'failed';
  return { status, reason: failureText(error) };
}
