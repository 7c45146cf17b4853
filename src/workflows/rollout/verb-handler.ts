import { setHandler } from '@temporalio/workflow';
import type { TakenVerb } from '../../activities/commands.ts';
import {
  type AskedOptions,
  type RolloutVerb,
  type VerbFacts,
  answerVerbNow,
  describePromotion,
  findStage,
} from '../../domain/rollout/verbs.ts';
import type { RolloutRef } from '../../domain/service/requests.ts';
import { isStepInPlace, untilNothingInPlace } from '../shared/activities.ts';
import { rolloutUpdates } from '../shared/messages.ts';
import { createBusyFailure, refuseLate } from '../shared/refusals.ts';
import { type Sent, admitSent, createRefusedFailure, takeSent } from './asking.ts';
import { describeVerb } from './verb-descriptions.ts';

export interface VerbDesk {
  ref: RolloutRef;
  /** What decides what is said to a verb, as it is now. */
  facts: () => VerbFacts;
}

/** What a verb does once it is taken, and what is answered beside what the table of verbs says. */
export interface VerbDeed {
  act: (by: TakenVerb) => void | Promise<void>;
  describe?: (by: TakenVerb) => string;
}

/** Has a verb of a running rollout answered. The table in the domain says what is legal. */
export function handleVerb({ ref, facts }: VerbDesk, verb: RolloutVerb, { act, describe }: VerbDeed): void {
  const ask = (asked?: AskedOptions): { effect: string } => {
    const now = facts();
    const rule = answerVerbNow(verb, now, asked ? { asked } : {});
    if (rule.legal) return rule;
    throw createRefusedFailure(verb, findStage(now), rule.reason);
  };
  setHandler(
    rolloutUpdates[verb],
    async (sent: Sent) => {
      const change = await takeSent(ref, verb, sent);
      if (isStepInPlace()) await untilNothingInPlace();
      refuseLate(change);
      // It went on meanwhile.
      const { effect } = ask(change);
      await act(change);
      if (describe) return describe(change);
      return verb === 'promote' ? describePromotion(effect, change) : effect;
    },
    {
      description: describeVerb(verb),
      validator: (sent: Sent) => {
        admitSent(verb, sent, findStanding(facts()));
        ask();
        // Its acceptance has a place in the history, which a replay would come to after the step's end.
        if (isStepInPlace()) throw createBusyFailure();
      },
    },
  );
}

/** Where it is asked, for what counts at gates alone. */
export function findStanding(facts: VerbFacts) {
  return { gates: facts.gates ?? [], stage: findStage(facts) };
}
