import { DEFAULT_FREEZE } from '../../domain/rollback/aftermath.ts';
import type { RollbackWindow, ServiceSpec } from '../../domain/service/service.ts';
import { buildCheck, buildCheckFields } from './check-spec.ts';
import { buildGate, buildGateFields } from './gate-spec.ts';
import { buildHook, buildHookFields } from './hook-schema.ts';
import { buildMigrationFields, buildMigrations } from './migration-schema.ts';
import { buildRouter, buildRouterFields } from './router-spec.ts';
import type { Manifest } from './schema.ts';
import { buildStrategy, buildStrategyFields } from './strategy-spec.ts';

/*
 * A manifest as it was read, and the service that it describes: each is made of the other here and in the `*-spec.ts`
 * beside it, and nowhere else. The two differ where a key reads better than a property, and a property says its unit.
 */

/** The service that a manifest describes. */
export function buildSpec(manifest: Manifest): ServiceSpec {
  const { name, environment, artifact, blueprint, router, strategy, checks, retention } = manifest;
  const { concurrency, drift, rollbackSafety, rollbackWindow, freezeOnFail, progressDeadline, pool } = manifest;
  const { gates, hooks, rollbackOn, migrations } = manifest;
  return {
    service: { name, environment },
    artifact,
    blueprint: {
      ...(typeof blueprint === 'string' ? { name: blueprint, config: {} } : blueprint),
      ...(pool === undefined ? {} : { pool }),
    },
    router: buildRouter(router),
    strategy: buildStrategy(strategy),
    checks: checks.map(buildCheck),
    retention: { warm: retention.warm, warmForMs: retention.for },
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(drift === undefined ? {} : { drift }),
    ...(rollbackSafety === undefined ? {} : { rollbackSafety }),
    ...(rollbackWindow === undefined ? {} : { rollbackWindow: windowOf(rollbackWindow) }),
    ...freezeOf(freezeOnFail),
    ...(progressDeadline === undefined ? {} : { progressDeadlineMs: progressDeadline }),
    ...(hooks === undefined ? {} : { hooks: hooks.map(buildHook) }),
    ...(rollbackOn === undefined ? {} : { rollbackOn }),
    ...(migrations === undefined ? {} : { migrations: buildMigrations(migrations) }),
    ...(gates === undefined ? {} : { gates: gates.map(buildGate) }),
  };
}

function windowOf({ revisions, duration: durationMs }: NonNullable<Manifest['rollbackWindow']>): RollbackWindow {
  return {
    ...(revisions === undefined ? {} : { revisions }),
    ...(durationMs === undefined ? {} : { durationMs }),
  };
}

function freezeOf(freeze: Manifest['freezeOnFail']): Pick<ServiceSpec, 'freezeOnFail'> {
  if (freeze === undefined || freeze === false) return {};
  if (freeze === true) return { freezeOnFail: DEFAULT_FREEZE };
  return { freezeOnFail: { forMs: freeze.for, then: freeze.then } };
}

/** The manifest of a service, complete with what it says by default. */
export function buildManifest(spec: ServiceSpec): Omit<Manifest, 'apiVersion' | 'kind'> {
  const { service, artifact, router, strategy, checks, retention } = spec;
  const { concurrency, drift, rollbackSafety, rollbackWindow, freezeOnFail, progressDeadlineMs } = spec;
  const { gates, hooks, rollbackOn, migrations } = spec;
  const { pool, ...blueprint } = spec.blueprint;
  return {
    ...service,
    artifact,
    blueprint,
    ...(pool === undefined ? {} : { pool }),
    router: buildRouterFields(router),
    strategy: buildStrategyFields(strategy),
    checks: checks.map(buildCheckFields),
    retention: { warm: retention.warm, for: retention.warmForMs },
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(drift === undefined ? {} : { drift }),
    ...(rollbackSafety === undefined ? {} : { rollbackSafety }),
    ...(hooks === undefined ? {} : { hooks: hooks.map(buildHookFields) }),
    ...(rollbackOn === undefined ? {} : { rollbackOn }),
    ...(migrations === undefined ? {} : { migrations: buildMigrationFields(migrations) }),
    ...(gates === undefined ? {} : { gates: gates.map(buildGateFields) }),
    ...(rollbackWindow === undefined ? {} : { rollbackWindow: windowKeysOf(rollbackWindow) }),
    ...(freezeOnFail === undefined ? {} : { freezeOnFail: { for: freezeOnFail.forMs, then: freezeOnFail.then } }),
    ...(progressDeadlineMs === undefined ? {} : { progressDeadline: progressDeadlineMs }),
  };
}

function windowKeysOf({ revisions, durationMs: duration }: RollbackWindow): NonNullable<Manifest['rollbackWindow']> {
  return {
    ...(revisions === undefined ? {} : { revisions }),
    ...(duration === undefined ? {} : { duration }),
  };
}
