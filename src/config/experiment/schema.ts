import { z } from 'zod';
import {
  DEFAULT_CONFIDENCE,
  DEFAULT_KEEP_MS,
  DEFAULT_TOLERANCE,
  EXPERIMENT_NAME,
  LONGEST_TTL_MS,
  MOST_VARIANTS,
  OVERLAPS,
  STAYS,
  VARIANT_NAME,
} from '../../domain/experiment/experiment.ts';
import { NAME } from '../../domain/service/service.ts';
import { formatDuration } from '../duration.ts';
import { ALWAYS, amount, constant, duration, entries, list, mapping, text, wholeNumber } from '../fields.ts';
import { jsonObject } from '../json-field.ts';
import { checksSchema } from '../manifest/check-schema.ts';
import { API_VERSION, artifactText, blueprintSchema, environmentName } from '../manifest/schema.ts';
import { type Refusal, refuse } from '../problems.ts';
import { drillSchema } from './drill-schema.ts';
import { probesSchema } from './probe-schema.ts';
import { scheduleSchema } from './schedule-schema.ts';

export const EXPERIMENT_KIND = 'Experiment';

const DAY = 86_400_000;
const NAME_WANTED = 'lower-case letters, digits and single hyphens, a letter first, at most 24, such as nightly';
const VARIANT_WANTED = 'lower-case letters, digits and single hyphens, a letter first, at most 14, such as blue';
const ONE_NAME = NAME.source.slice(1, -1);
/** Names of services have no two hyphens in a row. */
const LIKE = new RegExp(`^(?![^/]*--)${ONE_NAME}/${ONE_NAME}(?:@r?[1-9]\\d{0,8})?$`);
const LIKE_WANTED = 'NAME/ENVIRONMENT of a service, such as web/production, or a revision of it: web/production@r12';

const variant = mapping(
  {
    name: text(VARIANT_WANTED, VARIANT_NAME).describe('What the variant is called; each name once.'),
    artifact: artifactText()
      .optional()
      .describe('What to run, with a blueprint. A folder (dir:./app) counts from where this file stands.'),
    blueprint: blueprintSchema
      .optional()
      .describe('What turns it into a stack: a name alone, or name and config.')
      .meta({ $comment: 'its name, or a mapping' }),
    like: text(LIKE_WANTED, LIKE)
      .optional()
      .describe(
        'Instead of both: what a service has, its live revision when the run begins (web/production) or one of its revisions (web/production@r12).',
      ),
    patch: jsonObject()
      .optional()
      .describe(
        'What is different from what it is like: a JSON merge patch (RFC 7396) of {artifact, blueprint: {config}}, in which null takes a key away.',
      ),
    checks: checksSchema
      .optional()
      .describe(
        'What its stack has to prove before it is probed. Those of the revision that it is like, or one HTTP check on /, unless told.',
      ),
  },
  { likes: 'like', config: 'blueprint: {name: …, config: …}' },
)
  .superRefine((given, context) => {
    for (const refusal of findSourceFaults(given)) refuse(context, refusal);
  }, ALWAYS)
  .meta({ anyOf: [{ required: ['like'] }, { required: ['artifact', 'blueprint'] }] });

interface Source {
  artifact?: unknown;
  blueprint?: unknown;
  like?: unknown;
  patch?: unknown;
}

/** What a variant is made from has one of two forms. */
function findSourceFaults({ artifact, blueprint, like, patch }: Source): Refusal[] {
  const isRelease = artifact !== undefined || blueprint !== undefined;
  if (like !== undefined) {
    return [...(artifact === undefined ? [] : ['artifact']), ...(blueprint === undefined ? [] : ['blueprint'])].map(
      (key) => ({
        path: [key],
        wanted: `it without like; what is different goes into patch: {${key}: …}`,
        found: 'it with like',
        atKey: true,
      }),
    );
  }
  const missing = (key: string): Refusal => ({
    path: [key],
    wanted: `${key} beside ${key === 'artifact' ? 'blueprint' : 'artifact'}`,
    found: 'nothing',
  });
  return [
    ...(isRelease ? [] : [{ wanted: 'like: web/production, or artifact and blueprint', found: 'none of them' }]),
    ...(isRelease && artifact === undefined ? [missing('artifact')] : []),
    ...(isRelease && blueprint === undefined ? [missing('blueprint')] : []),
    ...(patch === undefined
      ? []
      : [{ path: ['patch'], wanted: 'it with like only', found: 'it without', atKey: true }]),
  ];
}

const compare = mapping({
  baseline: text('the name of a variant', VARIANT_NAME).describe('The variant that the others are held against.'),
  probes: list(text('the name of a probe'), {
    list: 'a list of the names of probes',
    empty: 'one probe at least, or no probes key for all that measure',
  })
    .optional()
    .describe('By which probes; all that measure unless told.'),
  confidence: amount(0.5, 0.999).prefault(DEFAULT_CONFIDENCE).describe('Of the intervals that are given, as a share.'),
  tolerance: amount(0, 1)
    .prefault(DEFAULT_TOLERANCE)
    .describe("A difference that is smaller than this share of the baseline's is not called one, however sure it is."),
});

const budget = mapping({
  stacks: wholeNumber(1, 1_000).optional().describe('Stacks at the same time, over all of its runs.'),
  stackHoursPerDay: amount(0.01, 100_000)
    .optional()
    .describe(
      'Stack-hours in 24 hours: of the runs that were, and of the one that asks, as if it lasted its whole TTL.',
    ),
});

/**
 * A manifest of the kind Experiment: the one description of what it may say. How its parts go together (names that are
 * named, budgets that suffice) is for `findExperimentFaults` to say, of whatever made the experiment.
 */
const experimentFields = mapping(
  {
    apiVersion: constant('apiVersion', API_VERSION).describe('The version of this format.'),
    kind: constant('kind', EXPERIMENT_KIND).describe('What the file describes.'),
    name: text(NAME_WANTED, EXPERIMENT_NAME).describe(
      'The name of the experiment: lower-case letters, digits and single hyphens.',
    ),
    environment: environmentName().describe(
      'Where it runs. The same name in another environment is another experiment.',
    ),
    variants: list(variant, { list: 'a list of variants', empty: 'at least one variant' })
      .max(MOST_VARIANTS, { error: `at most ${MOST_VARIANTS} variants` })
      .optional()
      .describe('The stacks that a run makes, all at once; each is a complete copy of a service.')
      .meta({ $comment: `a list of at most ${MOST_VARIANTS} variants` }),
    drill: drillSchema
      .optional()
      .describe(
        'Instead of variants: tries a rollback. A release is made, then the one before it on the same data, then the first once more.',
      ),
    probes: probesSchema.optional().describe('What is found out about every variant.'),
    compare: compare.optional().describe('Which variants are held against each other. Not at all unless told.'),
    schedule: scheduleSchema.optional().describe('When it runs by itself. On demand only unless told.'),
    ttl: duration({ least: 1_000, most: 365 * DAY, words: 'from 1s to 365 days (8760h)' }).describe(
      `How long a run's stacks may exist, from before the first is made. They are destroyed then. A server has a maximum, ${formatDuration(LONGEST_TTL_MS)} unless it is told another.`,
    ),
    stay: z
      .enum(STAYS)
      .optional()
      .describe(
        'How long a run keeps its stacks once everything is probed. until-probed where there are probes, else until-ttl, unless told.',
      ),
    overlap: z
      .enum(OVERLAPS)
      .prefault('skip')
      .describe(
        'What happens when a run is to begin while another one goes on: it does not take place, waits (one at most), takes its place at once, takes its place once it is healthy, or goes on beside it.',
      ),
    budget: budget
      .prefault({})
      .describe('How much it may have. A run that would need more is refused, with the figure.'),
    keep: duration({ least: 0, most: 3_650 * DAY, words: 'of at most ten years (87600h)' })
      .prefault(formatDuration(DEFAULT_KEEP_MS))
      .describe('How long results are kept.'),
    addresses: entries(wholeNumber(1, 65_535))
      .optional()
      .describe("Ports of the router at which variants can be looked at, by the variants' names.")
      .meta({ $comment: 'ports from 1 to 65535, by name' }),
  },
  { address: 'addresses', retention: 'keep', probe: 'probes', variant: 'variants', concurrency: 'overlap' },
);

export const experimentSchema = experimentFields
  .superRefine(({ variants, drill }, context) => {
    if (variants !== undefined || drill !== undefined) return;
    const wanted = 'a list of variants, or drill: {service: web/production}';
    refuse(context, { path: ['variants'], wanted, found: 'nothing' });
  }, ALWAYS)
  .meta({ oneOf: [{ required: ['variants'] }, { required: ['drill'] }] });

/** What a manifest of an experiment says, complete with defaults; durations are milliseconds. */
export type ExperimentManifest = z.output<typeof experimentSchema>;
