import type { UnreadableLine } from './chain.ts';
import type { AuditEvent } from './store.ts';
import type { JsonObject } from '../../domain/json.ts';

/** The audit log's table. */
export interface AuditTables {
  audit_events: AuditRow;
}

export interface AuditRow {
  seq: number;
  key: string;
  type: string;
  subject: string;
  rollout: string | null;
  actor: string;
  reason: string | null;
  /** Canonical JSON. */
  data: string;
  at: string;
  previous_hash: string;
  hash: string;
}

export function toRow(event: AuditEvent, data: string): AuditRow {
  const { rollout = null, reason = null, previousHash, ...same } = event;
  return { ...same, rollout, reason, data, previous_hash: previousHash };
}

/** Reads a row that may have been tampered with. */
export function toLine(row: AuditRow): AuditEvent | UnreadableLine {
  const { seq, key, type, subject, rollout, actor, reason, at, previous_hash: previousHash, hash } = row;
  const data = parseObject(row.data);
  if (data === undefined) return { unreadable: `line ${seq} was changed after it was written: its data is not JSON` };
  return {
    ...{ seq, key, type, subject, actor, data, at, previousHash, hash },
    ...(rollout === null ? {} : { rollout }),
    ...(reason === null ? {} : { reason }),
  };
}

function parseObject(text: string): JsonObject | undefined {
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    return undefined;
  }
}
