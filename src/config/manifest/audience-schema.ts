import { z } from 'zod';
import { COHORT_ROUTERS, tellsCohorts } from '../../domain/service/router.ts';
import { INSPECTION_DEFAULTS, INSPECTION_ENDS } from '../../domain/service/strategy.ts';
import { RULE_NAME, RULE_VALUE, isFreeHeader } from '../../domain/traffic/cohort.ts';
import { formatDuration } from '../duration.ts';
import { describeValue } from '../fault.ts';
import { ALWAYS, duration, mapping, text, wholeNumber } from '../fields.ts';
import { type Refusal, refuse } from '../problems.ts';
import { readRouterKind } from './router-schema.ts';

const MOST_REQUESTS = 1_000_000_000;
const DAY = 86_400_000;

const lasting = () => ({ least: 1_000, most: 14 * DAY, words: 'from 1s to 14 days (336h)' });

const value = () =>
  text('1 to 128 letters, digits and ._~:/+=@-, such as yes', RULE_VALUE).describe('All of it, letter by letter.');

const headerSchema = mapping({
  name: text('letters, digits, _ and -, at most 64, such as x-beta', RULE_NAME).describe(
    'Its name, whatever the case of the letters. Not one that belongs to HTTP or to the router.',
  ),
  value: value(),
}).superRefine(({ name }, context) => {
  if (typeof name !== 'string' || isFreeHeader(name)) return;
  const wanted =
    'a header of your own, such as x-beta, and none that HTTP or the router makes use of; of a cookie, use cookie';
  refuse(context, { path: ['name'], wanted, found: name });
}, ALWAYS);

const cookieSchema = mapping({
  name: text('letters, digits, _ and -, at most 64, such as beta', RULE_NAME).describe('Its name, letter by letter.'),
  value: value(),
});

/** The `cohort` of a strategy. */
export const cohortSchema = mapping({
  header: headerSchema.optional().describe('Requests with this header are in it.'),
  cookie: cookieSchema.optional().describe('Requests with this cookie are in it.'),
  bake: duration(lasting()).describe('How long the new revision must stay healthy with the cohort alone.'),
  leastRequests: wholeNumber(1, MOST_REQUESTS)
    .optional()
    .describe('How many requests the cohort must have made by then; any number unless told.'),
}).superRefine(({ header, cookie }, context) => {
  if (header !== undefined || cookie !== undefined) return;
  refuse(context, { path: ['header'], wanted: 'a header or a cookie, or both', found: 'nothing' });
}, ALWAYS);

/** The `inspection` of blue-green. */
export const inspectionSchema = mapping({
  holdFor: duration(lasting())
    .prefault(formatDuration(INSPECTION_DEFAULTS.holdMs))
    .describe('For how long, unless somebody promotes it sooner.'),
  then: z
    .enum(INSPECTION_ENDS)
    .prefault(INSPECTION_DEFAULTS.then)
    .describe('What follows where nobody has promoted it by then, and it has stayed healthy.'),
});

export type CohortFields = z.output<typeof cohortSchema>;

/** What of a manifest an audience depends on; each part of it may be faulty itself. */
interface Surroundings {
  router?: unknown;
  strategy?: unknown;
}

/** Audiences that the router could not tell, and two of which only one can come first. */
export function findMisplacedAudiences({ router, strategy }: Surroundings): Refusal[] {
  if (typeof strategy !== 'object' || strategy === null) return [];
  const { cohort, inspection } = strategy as Record<string, unknown>;
  const given = Object.entries({ cohort, inspection }).filter(([, found]) => found !== undefined);
  const kind = readRouterKind(router);
  const wanted = `it with the router ${COHORT_ROUTERS.join(' or ')} only, since ${kind} cannot tell requests apart`;
  const untold = tellsCohorts({ kind })
    ? []
    : given.map(([key, found]) => ({ path: ['strategy', key], wanted, found: describeValue(found) }));
  const isOneTooMany = given.length === 2;
  const one = { path: ['strategy', 'cohort'], wanted: 'a cohort or an inspection, one of them', found: 'both' };
  return [...untold, ...(isOneTooMany ? [one] : [])];
}
