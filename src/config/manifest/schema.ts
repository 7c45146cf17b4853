import { z } from 'zod';
import {
  CONCURRENCY_POLICIES,
  DRIFT_POLICIES,
  NAME,
  ROLLBACK_SAFETY_DEMANDS,
  SERVICE_NAME,
} from '../../domain/service/service.ts';
import { POOL_WANTED } from '../../domain/pools/pool.ts';
import { formatDuration } from '../duration.ts';
import { ALWAYS, constant, duration, mapping, text, wholeNumber } from '../fields.ts';
import { jsonObject } from '../json-field.ts';
import { findIdleAnalysis } from './analysis-schema.ts';
import { findMisplacedAudiences } from './audience-schema.ts';
import { checksSchema } from './check-schema.ts';
import { findUnreachedGates, gatesSchema } from './gate-schema.ts';
import { findPlacelessMetrics } from './metric-schema.ts';
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
  gates: gatesSchema
    .optional()
    .describe(
      'What deployments wait for before a phase: people who approve, a time, or a webhook. Rollbacks and removals pass all gates.',
    ),
}).superRefine((manifest, context) => {
  for (const fault of [
    ...findPlacelessMetrics(manifest),
    ...findUncountedRequests(manifest),
    ...findIdleAnalysis(manifest),
    ...findMisplacedAudiences(manifest),
    ...findUnreachedGates(manifest),
  ])
    refuse(context, fault);
}, ALWAYS);

/** What a manifest says, complete with defaults; durations are milliseconds. */
export type Manifest = z.output<typeof manifestSchema>;
