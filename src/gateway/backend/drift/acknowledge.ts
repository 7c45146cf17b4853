import { ApiError } from '../../../contract/supplant-client.ts';
import { type Acknowledgement, type DriftRecord, type DriftTarget, acknowledge } from '../../../domain/drift/record.ts';
import { identifyFinding } from '../../../domain/drift/finding.ts';
import { describeFindings, describeTrouble } from '../../../domain/drift/words.ts';
import type { RequestMeta } from '../../../domain/service/requests.ts';
import { formatRevisionName } from '../../../domain/service/revision.ts';
import { formatServiceId } from '../../../domain/service/service.ts';
import type { DriftLog } from '../../../store/drift/log.ts';
import type { DriftParts } from './parts.ts';
import { createConflict, recordChange } from './record-change.ts';

type AcknowledgeParts = Omit<DriftParts, 'temporal'>;

/** Notes that what was found of a revision may stay, and why: first in the audit log, then where rollouts see it. */
export async function acknowledgeDrift(
  target: DriftTarget,
  change: RequestMeta,
  parts: AcknowledgeParts,
): Promise<string> {
  const { actor, requestId, reason } = change;
  if (reason === undefined) throw new ApiError('INVALID', 'reason: expected why the drift may stay, found nothing');
  await requireStanding(target, parts);
  const { audit, drift } = await parts.store();
  const seen = await requireDrift(target, drift);
  const { acknowledged, findings } = seen;
  const effect = `${describeFindings(findings)}: that may stay. Drift that is found later needs another acknowledgement`;
  if (change.dryRun === true) return effect;
  if (acknowledged?.requestId === requestId) {
    if (acknowledged.reason !== reason || acknowledged.by !== actor) throw createConflict(requestId);
    return effect;
  }
  const resources = findings.map(({ urn, kind, properties }) => ({ urn, kind, properties }));
  const data = { revision: formatRevisionName(target.revision), resources };
  await recordChange(audit, target.service, change, { type: 'drift.acknowledged', data });
  const at = new Date().toISOString();
  await save(seen, { by: actor, at, reason, requestId, covers: findings.map(identifyFinding) }, drift);
  return effect;
}

/** A look may write at the same time: what is new in it is not covered. */
async function save(seen: DriftRecord, by: Acknowledgement, drift: DriftLog): Promise<void> {
  for (let before: DriftRecord | undefined = seen; before; before = await drift.find(seen)) {
    if (await drift.save(acknowledge(before, by))) return;
  }
}

async function requireStanding({ service, revision }: DriftTarget, { services }: AcknowledgeParts): Promise<void> {
  const { revisions } = await services.status(service);
  const standing = revisions.filter(({ state }) => state === 'live' || state === 'warm').map(({ number }) => number);
  if (standing.includes(revision)) return;
  const what = `${formatServiceId(service)} has no live or warm revision ${formatRevisionName(revision)}`;
  const known = standing.map(formatRevisionName).join(', ');
  throw new ApiError('NOT_FOUND', what, known === '' ? {} : { suggestion: `live or warm: ${known}` });
}

async function requireDrift(target: DriftTarget, drift: DriftLog): Promise<DriftRecord> {
  const record = await drift.find(target);
  if (record && record.findings.length > 0) return record;
  const name = formatRevisionName(target.revision);
  const since = record?.lookedAt === undefined ? 'was not looked at yet' : `was as it was made at ${record.lookedAt}`;
  const state = (record && describeTrouble(record)) ?? `${name} ${since}`;
  throw new ApiError('REFUSED', `there is no drift to acknowledge: ${state}`, {
    suggestion: `supplant drift check ${formatServiceId(target.service)} looks now`,
  });
}
