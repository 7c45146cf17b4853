import { computeFingerprint } from '../fingerprint.ts';
import { HOOK_DEFAULTS, type HookSpec } from '../hooks/hook.ts';

/** A webhook that changes what revisions share, a schema for instance. */
export interface MigrationHook {
  url: string;
  /** Where the secret is that signs calls, as a reference. */
  secret: string;
  /** How long one call may take, in milliseconds. */
  timeoutMs: number;
}

/**
 * A change of what revisions share, in two parts, so that the revision before works as well as the one after it: what is new
 * is added before a revision is made, and what is old is taken away once nobody goes back any more.
 */
export interface MigrationSpec {
  expand?: MigrationHook & { waitForMs: number };
  contract?: MigrationHook & {
    /**
     * For how long after the revision became live nothing is taken away, in milliseconds; for as long as the rollback window is
     * open unless told, and without one for as long as retention keeps a warm revision.
     */
    afterMs?: number;
  };
}

/** The name of the hook that `expand` is called by. No other hook of a service with migrations may have it. */
export const EXPAND = 'expand';

/** All hooks of a service: expanding comes first of what is before provision. */
export function collectHooks({
  hooks = [],
  migrations,
}: {
  hooks?: readonly HookSpec[];
  migrations?: MigrationSpec;
}): HookSpec[] {
  const { expand } = migrations ?? {};
  if (!expand) return [...hooks];
  const point = { name: EXPAND, moment: 'before', phase: 'provision' } as const;
  return [{ ...point, ...expand, onFailure: 'rollback', kinds: ['deploy'] }, ...hooks];
}

/** As much of migrations as a service's state carries. */
export interface MigrationsDigest {
  digest: string;
  /** What is old is taken away by a call. */
  contract?: true;
}

export function digestMigrations(migrations: MigrationSpec): MigrationsDigest {
  return { digest: computeFingerprint(migrations), ...(migrations.contract ? { contract: true } : {}) };
}

/** What a release asks for with its request, to be carried out long after it. */
export type ContractPlan = MigrationHook & { afterMs: number };

/** @param backForMs for how long the service goes back, in milliseconds */
export function planContract({ contract }: MigrationSpec, backForMs: number): ContractPlan | undefined {
  return contract && { ...contract, afterMs: contract.afterMs ?? backForMs };
}

/** Of a migration hook that says nothing itself. */
export const MIGRATION_DEFAULTS = HOOK_DEFAULTS;
