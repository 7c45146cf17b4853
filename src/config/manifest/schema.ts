import { z } from 'zod';
import {
  CONCURRENCY_POLICIES,
  DRIFT_POLICIES,
  FREEZE_ENDINGS,
  NAME,
  ROLLBACK_SAFETY_DEMANDS,
  SERVICE_NAME,
} from '../../domain/service/service.ts';
import { DEFAULT_FREEZE } from '../../domain/rollback/aftermath.ts';
import { FORMERLY_LIMIT } from '../../domain/service/state.ts';
import { POOL_WANTED } from '../../domain/pools/pool.ts';
import { formatDuration } from '../duration.ts';
import { ALWAYS, FIRST, constant, duration, mapping, text, wholeNumber } from '../fields.ts';
import { jsonObject } from '../json-field.ts';
import { findIdleAnalysis } from './analysis-schema.ts';
import { findMisplacedAudiences } from './audience-schema.ts';
import { checksSchema } from './check-schema.ts';
import { hooksSchema, rollbackOnSchema } from './hook-schema.ts';
import { findTakenHookNames, migrationsSchema } from './migration-schema.ts';
import { findUnreachedGates, gatesSchema } from './gate-schema.ts';
import { findPlacelessMetrics } from './metric-schema.ts';
import { findMisplacedPreview } from './preview-address-schema.ts';
import { refuse } from '../problems.ts';
import { routerSchema } from './router-schema.ts';
import { DEFAULT_RETENTION } from './defaults.ts';
import { findUncountedRequests, strategySchema } from './strategy-schema.ts';

export const API_VERSION = 'supplant.dev/v1';
export const KIND = 'Service';

const DAY = 86_400_000;
const SERVICE_WANTED = 'lower-case letters, digits and single hyphens, a letter first, at most 40, such as web';
const NAME_WANTED = 'lower-case letters, digits and hyphens, a letter first, at most 40, such as production';
const BLUEPRINT_WANTED = 'the name of a blueprint, such as local-process';

/** The `blueprint` of a manifest: a name alone, or name and config. */
export const blueprintSchema = z.union([
  text(BLUEPRINT_WANTED, NAME),
  mapping({
    name: text(BLUEPRINT_WANTED, NAME).describe('The name of a blueprint, such as local-process.'),
    config: jsonObject().prefault({}).describe('What the blueprint takes: see its own reference.'),
  }),
]);

export function artifactText() {
  return text('what to run, such as npm:http-server@14.1.1', /^\S/);
}

export function environmentName() {
  return text(NAME_WANTED, NAME);
}

const retention = mapping({
  warm: wholeNumber(0, 10)
    .prefault(DEFAULT_RETENTION.warm)
    .describe('How many previous revisions stay warm. 0 tears the previous one down in the same rollout.'),
  for: duration({ least: 0, most: 365 * DAY, words: 'of at most 365 days (8760h)' })
    .prefault(formatDuration(DEFAULT_RETENTION.warmForMs))
    .describe('For how long after it lost its traffic.'),
});

const rollbackWindow = mapping({
  revisions: wholeNumber(1, FORMERLY_LIMIT).optional().describe('How many revisions back.'),
  duration: duration({ least: 1_000, most: 365 * DAY, words: 'from 1s to 365 days (8760h)' })
    .optional()
    .describe('For how long after a revision lost its traffic.'),
}).superRefine(({ revisions, duration: limit }, context) => {
  if (revisions === undefined && limit === undefined) {
    refuse(context, { wanted: 'revisions, duration or both, such as {revisions: 3, duration: 24h}', found: '{}' });
  }
}, FIRST);

const freezeOnFail = z.union([
  z.boolean({ error: 'true, or a mapping such as {for: 48h, then: abort}' }),
  mapping({
    for: duration({ least: 60_000, most: 30 * DAY, words: 'from 1m to 30 days (720h)' })
      .prefault(formatDuration(DEFAULT_FREEZE.forMs))
      .describe('For how long it waits for a person.'),
    then: z
      .enum(FREEZE_ENDINGS)
      .prefault(DEFAULT_FREEZE.then)
      .describe('What follows where nobody decides: it is put back, or what failed counts as passed.'),
  }),
]);

/**
 * `supplant.yaml`: the one description of what it may say. Reading it, its JSON Schema, its reference page, and the check
 * of a spec that came as a message all follow from here.
 */
export const manifestSchema = mapping({
  apiVersion: constant('apiVersion', API_VERSION).describe('The version of this format.'),
  kind: constant('kind', KIND).describe('What the file describes.'),
  name: text(SERVICE_WANTED, SERVICE_NAME).describe(
    'The name of the service: lower-case letters, digits and single hyphens.',
  ),
  environment: environmentName().describe('Where it runs. The same name in another environment is another service.'),
  artifact: artifactText().describe(
    'What to run; the blueprint gives it its meaning. A folder (dir:./app) counts from where this file stands.',
  ),
  blueprint: blueprintSchema
    .describe('What turns a revision into a stack: a name alone, or name and config.')
    .meta({ $comment: 'its name, or a mapping' }),
  pool: text(POOL_WANTED, NAME)
    .optional()
    .describe(
      "The pool whose workers make and destroy its stacks; the blueprint's own unless told, which is default for those that Supplant brings.",
    ),
  router: routerSchema
    .prefault({})
    .describe("Where the service's traffic arrives and is split: the name of a router, or kind and its keys.")
    .meta({ $comment: 'its name, or a mapping' }),
  strategy: strategySchema
    .prefault({})
    .describe('How traffic moves to a new revision: the name of a preset, or kind and its keys.')
    .meta({ $comment: 'a preset, or a mapping' }),
  checks: checksSchema
    .prefault([{ name: 'answers', http: {} }])
    .describe('What a revision must prove before it gets any traffic: each check over HTTP or by a command.'),
  retention: retention
    .prefault({})
    .describe('Which previous revisions stay warm: running without traffic, for an instant rollback.'),
  concurrency: z
    .enum(CONCURRENCY_POLICIES)
    .optional()
    .describe(
      'What happens to a request while a rollout runs: it waits its turn, takes the place of those that wait, puts the running one back too, or is refused.',
    )
    .meta({ default: 'queue' }),
  drift: z
    .enum(DRIFT_POLICIES)
    .optional()
    .describe(
      'What it means that a stack is not as it was made any more: it is shown, or no rollout shifts traffic before it is gone or acknowledged.',
    )
    .meta({ default: 'report' }),
  rollbackSafety: z
    .enum(ROLLBACK_SAFETY_DEMANDS)
    .optional()
    .describe(
      'What a deployment has to bring: nothing, or the proof of a drill that the service can go back from the new release to what is live. A release without it is refused.',
    )
    .meta({ default: 'none' }),
  rollbackWindow: rollbackWindow
    .optional()
    .describe(
      'How far, and for how long, the service goes back at once to what is warm. Beyond either limit a rollback takes all steps; where this is absent, whatever is warm is gone back to at once.',
    ),
  freezeOnFail: freezeOnFail
    .optional()
    .describe(
      'For changes that must not go back: a rollout that fails under traffic stays as it is, with both stacks, until somebody says retry, promote or abort. It is put back unless told.',
    )
    .meta({ $comment: 'true or false, or a mapping' }),
  progressDeadline: duration({ least: 10_000, most: 14 * DAY, words: 'from 10s to 14 days (336h)' })
    .optional()
    .describe(
      'For how long a phase may go on beyond what it is planned to take before the rollout goes back: its bake, the deadlines of its checks. Provisioning is not planned, so that has to be over by then. Without such a limit unless told.',
    ),
  gates: gatesSchema
    .optional()
    .describe(
      'What deployments wait for before a phase: people who approve, a time, or a webhook. Rollbacks and removals pass all gates.',
    ),
  hooks: hooksSchema
    .optional()
    .describe('Webhooks that its rollouts call before and after their phases, and what follows from what they answer.'),
  rollbackOn: rollbackOnSchema.optional().describe('What from outside ends a deployment that is under way.'),
  migrations: migrationsSchema
    .optional()
    .describe('Webhooks that change what revisions share, a schema for instance, in two parts.'),
}).superRefine((manifest, context) => {
  for (const fault of [
    ...findPlacelessMetrics(manifest),
    ...findUncountedRequests(manifest),
    ...findIdleAnalysis(manifest),
    ...findTakenHookNames(manifest),
    ...findMisplacedAudiences(manifest),
    ...findMisplacedPreview(manifest),
    ...findUnreachedGates(manifest),
  ])
    refuse(context, fault);
}, ALWAYS);

/** What a manifest says, complete with defaults; durations are milliseconds. */
export type Manifest = z.output<typeof manifestSchema>;
