import type { z } from 'zod';
import {
  EXPAND,
  MIGRATION_DEFAULTS,
  type MigrationHook,
  type MigrationSpec,
} from '../../domain/migrations/migration.ts';
import { formatDuration } from '../duration.ts';
import { ALWAYS, duration, mapping } from '../fields.ts';
import { type Refusal, refuse } from '../problems.ts';
import { hookUrl, signingSecret } from './hook-schema.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

const call = {
  url: hookUrl().describe('What is called, by POST, as workers reach it.'),
  secret: signingSecret().describe('Where the secret is that signs calls: whsec_ and base64.'),
  timeout: duration({ least: 10, most: MINUTE, words: 'from 10ms to 1m' })
    .prefault(formatDuration(MIGRATION_DEFAULTS.timeoutMs))
    .describe('How long one call may take.'),
};

const expand = mapping({
  ...call,
  waitFor: duration({ least: 10, most: DAY, words: 'from 10ms to 24h' })
    .prefault(formatDuration(MIGRATION_DEFAULTS.waitForMs))
    .describe('How long the rollout waits, from the first call on, for an answer other than in-progress.'),
});

const contract = mapping({
  ...call,
  after: duration({ least: 0, most: 365 * DAY, words: 'of at most 365 days (8760h)' })
    .optional()
    .describe(
      'For how long after the revision became live it is not called; for as long as the rollback window is open unless told, else for retention.for.',
    ),
});

/** The `migrations` of a manifest. */
export const migrationsSchema = mapping({
  expand: expand
    .optional()
    .describe('Adds what is new, before a new revision is made. Where it fails, the deployment ends.'),
  contract: contract
    .optional()
    .describe(
      'Takes away what is old, once no revision from before it is kept warm. From then on nobody goes back to one.',
    ),
})
  .meta({ anyOf: [{ required: ['expand'] }, { required: ['contract'] }] })
  .superRefine((migrations, context) => {
    if (migrations.expand === undefined && migrations.contract === undefined) {
      refuse(context, { wanted: 'expand, contract or both', found: 'nothing' });
    }
  }, ALWAYS);

type MigrationFields = z.output<typeof migrationsSchema>;

/** A hook that would be taken for the one that expands. */
export function findTakenHookNames({ hooks, migrations }: { hooks?: unknown; migrations?: unknown }): Refusal[] {
  const isTaken = typeof migrations === 'object' && migrations !== null && 'expand' in migrations;
  if (!isTaken || !Array.isArray(hooks)) return [];
  return (hooks as ({ name?: unknown } | null)[]).flatMap((hook, index) => {
    if (hook?.name !== EXPAND) return [];
    const wanted = 'another name: migrations.expand is called so';
    return [{ path: ['hooks', index, 'name'], wanted, found: `'${EXPAND}'` }];
  });
}

export function buildMigrations(fields: MigrationFields): MigrationSpec {
  const spec: MigrationSpec = {};
  if (fields.expand) {
    const { timeout: timeoutMs, waitFor: waitForMs, ...where } = fields.expand;
    spec.expand = { ...where, timeoutMs, waitForMs };
  }
  if (fields.contract) {
    const { timeout: timeoutMs, after, ...where } = fields.contract;
    spec.contract = { ...where, timeoutMs, ...(after === undefined ? {} : { afterMs: after }) };
  }
  return spec;
}

export function buildMigrationFields(spec: MigrationSpec): MigrationFields {
  const place = ({ url, secret, timeoutMs: timeout }: MigrationHook) => ({ url, secret, timeout });
  return {
    ...(spec.expand ? { expand: { ...place(spec.expand), waitFor: spec.expand.waitForMs } } : {}),
    ...(spec.contract
      ? {
          contract: {
            ...place(spec.contract),
            ...(spec.contract.afterMs === undefined ? {} : { after: spec.contract.afterMs }),
          },
        }
      : {}),
  };
}
