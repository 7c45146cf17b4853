import type { CheckSpec } from '../../src/domain/evidence/checks.ts';
import type { HookSpec } from '../../src/domain/hooks/hook.ts';
import type { MigrationSpec } from '../../src/domain/migrations/migration.ts';
import type { GateSpec } from '../../src/domain/gates/gate.ts';
import { type Step, planRollout } from '../../src/domain/rollout/plan.ts';
import type { RolloutInput } from '../../src/domain/service/requests.ts';
import { computeReleaseDigest, toRevisionRef } from '../../src/activities/release.ts';
import type { Revision, RevisionRef } from '../../src/domain/service/revision.ts';
import {
  type ConcurrencyPolicy,
  type DriftPolicy,
  type FreezeSpec,
  type RollbackSafetyDemand,
  type RollbackWindow,
  type ServiceKey,
  type ServiceSpec,
  pickSettings,
} from '../../src/domain/service/service.ts';
import type { ActiveRevision } from '../../src/domain/service/revision-set.ts';
import { DIGEST } from './stack-model.ts';

export function check(name: string): CheckSpec {
  const timing = { successes: 1, intervalMs: 1, timeoutMs: 1000, deadlineMs: 1000 };
  return { kind: 'http', name, path: '/', status: [200], responseHeaders: {}, ...timing };
}

export interface SpecOptions {
  artifact?: string;
  bakeMs?: number;
  warm?: number;
  warmForMs?: number;
  checks?: string[];
  concurrency?: ConcurrencyPolicy;
  drift?: DriftPolicy;
  rollbackSafety?: RollbackSafetyDemand;
  rollbackWindow?: RollbackWindow;
  freezeOnFail?: FreezeSpec;
  progressDeadlineMs?: number;
  hooks?: HookSpec[];
  rollbackOn?: ServiceSpec['rollbackOn'];
  migrations?: MigrationSpec;
  pool?: string;
  port?: number;
  listen?: string;
  strictPort?: boolean;
  gates?: GateSpec[];
}

export function spec(service: ServiceKey, options: SpecOptions = {}): ServiceSpec {
  const {
    artifact = 'npm:http-server@1.0.0',
    bakeMs = 0,
    warm = 1,
    warmForMs = 3_600_000,
    checks = ['home'],
    concurrency,
    drift,
    rollbackSafety,
    rollbackWindow,
    freezeOnFail,
    progressDeadlineMs,
    hooks,
    rollbackOn,
    migrations,
    pool,
    port,
    listen,
    strictPort,
    gates,
  } = options;
  return {
    service,
    artifact,
    blueprint: { name: 'local-process', config: {}, ...(pool === undefined ? {} : { pool }) },
    router: {
      kind: 'embedded',
      ...(port === undefined ? {} : { port }),
      ...(listen === undefined ? {} : { listen }),
      ...(strictPort === undefined ? {} : { strictPort }),
    },
    strategy: { kind: 'blue-green', bakeMs },
    checks: checks.map(check),
    retention: { warm, warmForMs },
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(drift === undefined ? {} : { drift }),
    ...(rollbackSafety === undefined ? {} : { rollbackSafety }),
    ...(rollbackWindow === undefined ? {} : { rollbackWindow }),
    ...(freezeOnFail === undefined ? {} : { freezeOnFail }),
    ...(progressDeadlineMs === undefined ? {} : { progressDeadlineMs }),
    ...(hooks === undefined ? {} : { hooks }),
    ...(rollbackOn === undefined ? {} : { rollbackOn }),
    ...(migrations === undefined ? {} : { migrations }),
    ...(gates === undefined ? {} : { gates }),
  };
}

export function revision({ service, artifact, blueprint, checks }: ServiceSpec, number: number): Revision {
  return {
    service,
    number,
    artifact: `${artifact}-${number}`,
    blueprint: { ...blueprint, digest: DIGEST },
    checks,
    requestedBy: 'ada',
    createdAt: '2026-01-01T00:00:00.000Z',
  };
}

/** The release that a service is described as, as its revisions have it. */
export function releaseOf({ artifact, blueprint, checks }: ServiceSpec): string {
  return computeReleaseDigest({ artifact, blueprint: { ...blueprint, digest: DIGEST }, checks });
}

/** A revision as workflows carry it. */
export function reference(described: ServiceSpec, number: number): RevisionRef {
  return toRevisionRef(revision(described, number));
}

export function standing(described: ServiceSpec, number: number, warmUntil?: string): ActiveRevision {
  return {
    revision: reference(described, number),
    endpoints: [{ host: '127.0.0.1', port: 40_000 + number }],
    since: '2026-01-01T00:00:00.000Z',
    ...(warmUntil === undefined ? {} : { warmUntil }),
  };
}

/** A rollout, and the description that all of its revisions are made from. */
export interface RolloutSample extends RolloutInput {
  described: ServiceSpec;
}

/** The rollout with the number that follows the revisions named. */
export function input(
  described: ServiceSpec,
  {
    kind = 'deploy',
    to,
    live,
    warm = [],
    plan = planRollout(described.strategy),
  }: { kind?: RolloutInput['kind']; to?: number; live?: number; warm?: readonly number[]; plan?: Step[] },
): RolloutSample {
  return {
    v: 2,
    service: described.service,
    number: 50,
    kind,
    actor: 'ada',
    settings: pickSettings(described),
    plan,
    ...(to === undefined ? {} : { revision: reference(described, to) }),
    revisionSet: {
      ...(live === undefined ? {} : { live: standing(described, live) }),
      warm: warm.map((number) => standing(described, number)),
    },
    described,
  };
}
