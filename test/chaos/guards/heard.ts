import type { Answer } from '../life.ts';
import type { Decision } from './approver.ts';
import type { HeardCall } from './receiver.ts';

/** What those say who stood outside: people, receivers and users. */
export interface Heard {
  answers: readonly Answer[];
  decisions: readonly Decision[];
  calls: readonly HeardCall[];
  /** When users got a version's first answer, in milliseconds since 1970. */
  firstAnswers: ReadonlyMap<string, number>;
}

export type AskedRollout = Extract<Answer, { receipt: unknown }>;

/** What was asked for with a rollout; undefined of a removal, which is asked for last. */
export function findAsked({ answers }: Pick<Heard, 'answers'>, rollout: number): AskedRollout | undefined {
  return answers.find((answer): answer is AskedRollout => 'receipt' in answer && answer.receipt.rollout === rollout);
}
