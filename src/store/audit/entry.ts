import { canonicalJson } from '../../domain/canonical-json.ts';
import { AuditConflictError, type AuditEntry, AuditEntryError, type AuditEvent } from './store.ts';

const REQUIRED = ['key', 'type', 'subject', 'actor'] as const;

/**
 * The entry as it will be stored and hashed: absent fields absent, text well-formed. Half a surrogate pair, which any
 * clipped piece of evidence may end in, has no UTF-8, and a record must not be what stops a rollout.
 *
 * @throws AuditEntryError naming everything that is wrong with it
 */
export function normalizeEntry(entry: AuditEntry): AuditEntry {
  const { key, type, subject, rollout, actor, reason, data } = entry;
  const faults: string[] = REQUIRED.filter((field) => entry[field] === '').map((field) => `${field} is empty`);
  let text = '{}';
  try {
    const fields = { key, type, subject, rollout, actor, reason, data };
    text = canonicalJson(fields);
  } catch (error) {
    faults.push(`data is not JSON (${(error as Error).message})`);
  }
  if (faults.length > 0) throw new AuditEntryError(`audit event '${key}' cannot be recorded: ${faults.join('; ')}`);
  return JSON.parse(text) as AuditEntry;
}

/**
 * The stored event, when it says the same as what is appended again under its key.
 *
 * @throws AuditConflictError naming the fields that differ, not their values
 */
export function matchRepeat(stored: AuditEvent, entry: AuditEntry): AuditEvent {
  const fields = ['type', 'subject', 'rollout', 'actor', 'reason', 'data'] as const;
  const differing = fields.filter((field) => canonicalJson([stored[field]]) !== canonicalJson([entry[field]]));
  if (differing.length === 0) return stored;
  throw new AuditConflictError(
    `audit event '${entry.key}' is recorded as line ${stored.seq} with another ${differing.join(', ')}; ` +
      'a different event needs a key of its own',
  );
}
