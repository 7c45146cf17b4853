import type { z } from 'zod';
import { list, text } from '../fields.ts';
import { analysisSchema } from './analysis-schema.ts';
import { failureLimitSchema } from './failure-limit.ts';
import { metricsSchema } from './metric-schema.ts';

/** As CloudWatch has it; and what one call tells of, with room for others. */
const ALARM = /^.{1,255}$/;
const MOST_ALARMS = 20;

/** The keys of a strategy that say what judges its bakes, whatever its kind. A new one is a line here. */
export const judgeKeys = {
  failureLimit: failureLimitSchema.optional().describe('What a bake may see of the new revision and still pass.'),
  alarms: list(text('the name of an alarm, of at most 255 characters', ALARM), {
    list: 'a list of the names of alarms',
    empty: 'one alarm at least, or no alarms key',
  })
    .max(MOST_ALARMS, { error: `${MOST_ALARMS} alarms at most` })
    .optional()
    .describe(
      'CloudWatch alarms, composite ones among them, that a bake watches: one that goes off sends the traffic back, and so does one that has no data at the end.',
    ),
  metrics: metricsSchema
    .optional()
    .describe('Numbers about the new revision that a bake watches, and what each has to be. No data is never a pass.'),
  analysis: analysisSchema
    .optional()
    .describe('What the router counts of the new revision, against a limit and against the revision that is live.'),
};

export type JudgeFields = z.output<z.ZodObject<typeof judgeKeys>>;
