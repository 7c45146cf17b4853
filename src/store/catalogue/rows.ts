import type { CheckSpec } from '../../domain/evidence/checks.ts';
import type { Endpoint, Revision, RevisionState } from '../../domain/service/revision.ts';
import type { RolloutKind, RolloutOutcome } from '../../domain/rollout/rollout.ts';
import type { RevisionRecord, RolloutRecord } from './catalogue.ts';
import type { Exposure } from '../../domain/rollout/exposure.ts';
import type { Quarantine } from '../../domain/rollout/status.ts';
import type { RevisionRow, RolloutRow, TeardownRow } from './tables.ts';

export function revisionToRow(record: RevisionRecord): Omit<RevisionRow, 'write_order'> {
  return {
    service: record.service.name,
    environment: record.service.environment,
    number: record.number,
    artifact: record.artifact,
    blueprint: JSON.stringify(record.blueprint),
    checks: JSON.stringify(record.checks),
    requested_by: record.requestedBy,
    created_at: record.createdAt,
    state: record.state,
    since: record.since,
    endpoints: JSON.stringify(record.endpoints),
    warm_until: record.warmUntil ?? null,
    copy_of: record.copyOf ?? null,
  };
}

export function revisionFromRow(row: RevisionRow): RevisionRecord {
  return {
    service: { name: row.service, environment: row.environment },
    number: row.number,
    artifact: row.artifact,
    blueprint: JSON.parse(row.blueprint) as Revision['blueprint'],
    checks: JSON.parse(row.checks) as CheckSpec[],
    requestedBy: row.requested_by,
    createdAt: row.created_at,
    state: row.state as RevisionState,
    since: row.since,
    endpoints: JSON.parse(row.endpoints) as Endpoint[],
    ...(row.warm_until === null ? {} : { warmUntil: row.warm_until }),
    ...(row.copy_of === null ? {} : { copyOf: row.copy_of }),
  };
}

export function rolloutToRow(record: RolloutRecord): RolloutRow {
  return {
    service: record.service.name,
    environment: record.service.environment,
    number: record.number,
    kind: record.kind,
    revision: record.revision ?? null,
    actor: record.actor,
    reason: record.reason ?? null,
    started_at: record.startedAt,
    ended_at: record.endedAt ?? null,
    outcome: record.outcome ?? null,
    because: record.because ?? null,
    exposure: record.exposure ? JSON.stringify(record.exposure) : null,
  };
}

export function rolloutFromRow(row: RolloutRow): RolloutRecord {
  return {
    service: { name: row.service, environment: row.environment },
    number: row.number,
    kind: row.kind as RolloutKind,
    ...(row.revision === null ? {} : { revision: row.revision }),
    actor: row.actor,
    ...(row.reason === null ? {} : { reason: row.reason }),
    startedAt: row.started_at,
    ...(row.ended_at === null ? {} : { endedAt: row.ended_at }),
    ...(row.outcome === null ? {} : { outcome: row.outcome as RolloutOutcome }),
    ...(row.because === null ? {} : { because: row.because }),
    ...(row.exposure === null ? {} : { exposure: JSON.parse(row.exposure) as Exposure }),
  };
}

export function teardownFromRow(row: TeardownRow): Quarantine {
  const { stack, revision, since, attempts } = row;
  return { stack, revision, since, attempts, nextAttemptAt: row.next_attempt_at, lastError: row.last_error };
}
