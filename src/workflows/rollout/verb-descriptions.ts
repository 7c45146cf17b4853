import { CLAIM_EXAMPLE } from '../../domain/gates/claim.ts';
import { type RolloutVerb, VERB_TABLE } from '../../domain/rollout/verbs.ts';
import { RECORDED_COMMAND } from '../shared/refusals.ts';

const FOR_PEOPLE = `From here where the gate has approval.temporalUi, with ${CLAIM_EXAMPLE}; else use the CLI or the API.`;

/** Of the verbs that people may send from the Temporal UI. */
const WHO_SENDS: Partial<Record<RolloutVerb, string>> = { approve: FOR_PEOPLE, reject: FOR_PEOPLE };

const before = (verb: RolloutVerb): string => {
  const rule = VERB_TABLE.validate[verb];
  return rule.legal ? rule.effect : rule.reason;
};

const WHAT_THEY_DO: Record<RolloutVerb, string> = {
  promote:
    'Ends the bake of this step now; what follows is the next step, or the end. Refused before the checks have passed.',
  pause: `Pause: ${before('pause')}. Ends by itself after 24 hours by putting everything back.`,
  resume: 'Goes on after a pause.',
  abort: 'Puts everything back: traffic to the previous revision first, then the new stack is destroyed.',
  retry: `Repeats the step that failed, where the rollout is frozen. Else: ${before('retry')}.`,
  approve: `At a gate: ${before('approve')}.`,
  reject: `At a gate: ${before('reject')}.`,
};

/** What the Temporal UI shows beside a verb: what it does, and who sends it. */
export function describeVerb(verb: RolloutVerb): string {
  return `${WHAT_THEY_DO[verb]} ${WHO_SENDS[verb] ?? RECORDED_COMMAND}`;
}
