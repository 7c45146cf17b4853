import { z } from 'zod';
import { type FailureLimit, NO_FAILURES } from '../../domain/service/strategy.ts';
import { mapping, wholeNumber } from '../fields.ts';
import { refuse } from '../problems.ts';

const MOST_UNANSWERED = 1_000_000;
const MOST_SHARE = 50;
const SHARE = /^(\d{1,2}(?:\.\d{1,3})?)%$/;
const WANTED = `a whole number up to ${MOST_UNANSWERED}, or a share of all requests up to ${MOST_SHARE}%, such as 0.1%`;

/** The `failureLimit` of a strategy: what a bake forgives. */
export const failureLimitSchema = mapping({
  unansweredRequests: amount()
    .prefault(0)
    .describe('Requests that the new revision may leave without an answer meanwhile. A share allows one at least.'),
  restarts: wholeNumber(0, 1_000)
    .prefault(NO_FAILURES.restarts)
    .describe('How often its processes may end and be started again meanwhile.'),
});

/** A number, or a share, as Kubernetes has `maxUnavailable`. */
function amount(): z.ZodType<FailureLimit['unansweredRequests']> {
  return z
    .unknown()
    .meta({
      $comment: `0 to ${MOST_UNANSWERED}, or a share up to ${MOST_SHARE}% such as 0.1%`,
      anyOf: [
        { type: 'integer', minimum: 0, maximum: MOST_UNANSWERED },
        { type: 'string', pattern: SHARE.source, patternErrorMessage: `expected ${WANTED}` },
      ],
    })
    .transform((value, context) => {
      if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MOST_UNANSWERED) return value;
      const share = typeof value === 'string' ? SHARE.exec(value)?.[1] : undefined;
      if (share !== undefined && Number(share) <= MOST_SHARE) return `${Number(share)}%` as const;
      refuse(context, { wanted: WANTED });
      return z.NEVER;
    });
}
