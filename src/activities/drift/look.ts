import { CancelledFailure } from '@temporalio/common';
import { type DriftState, classifyDrift } from '../../domain/drift/state.ts';
import type { DriftFinding } from '../../domain/drift/finding.ts';
import { type DriftRecord, type DriftTarget, noteLook, noteTrouble } from '../../domain/drift/record.ts';
import { findObstacle } from '../../domain/drift/block.ts';
import { createConfigRedactor } from '../../secrets/secrets.ts';
import { OperationAborted, OtherHostError, type StackDriver } from '../../stacks/driver.ts';
import type { AuditStore } from '../../store/audit/store.ts';
import type { Catalogue, RevisionRecord } from '../../store/catalogue/catalogue.ts';
import type { DriftLog } from '../../store/drift/log.ts';
import { createPassingFailure, createPermanentFailure } from '../failures.ts';
import { withHeartbeats } from '../heartbeat.ts';
import { requireRevision } from '../require-revision.ts';
import { DriftJournal } from './drift-journal.ts';

interface SaveParts {
  catalogue: Pick<Catalogue, 'revision'>;
  drift: DriftLog;
}

export interface LookParts extends SaveParts {
  stacks: Pick<StackDriver, 'detectDrift'>;
  audit: Pick<AuditStore, 'append'>;
}

/** What a look has found, as workflows carry it. */
export interface LookResult {
  state: DriftState;
  /** Why a rollout must not go on by it, where drift is to block. */
  obstacle?: string;
}

const LONGEST_TROUBLE = 500;

/**
 * Looks at the stack of a revision, and notes what it finds: first in the audit log, then for everyone to see.
 *
 * @throws ApplicationFailure `Unavailable` where the stack cannot be looked at; that is noted, too. `OtherHost` where only
 *   workers of another host can look
 */
export async function lookForDrift(target: DriftTarget, parts: LookParts): Promise<LookResult> {
  const revision = await requireRevision(parts.catalogue, target.service, target.revision);
  const redact = await createConfigRedactor(revision.blueprint.config);
  let findings: DriftFinding[];
  try {
    findings = await readStack(revision, parts);
  } catch (error) {
    const because = redact(error instanceof Error ? error.message : String(error));
    if (error instanceof OperationAborted) throw new CancelledFailure(because);
    // No trouble yet: somebody else looks.
    if (error instanceof OtherHostError) throw createPermanentFailure('OtherHost', because, error.host);
    await noteLookTrouble({ target, because }, parts);
    throw createPassingFailure('Unavailable', because);
  }
  const journal = new DriftJournal(parts.audit);
  const record = await save(target, parts, async (before) => {
    const noted = noteLook(target, before, findings, new Date().toISOString());
    if (noted.change) await journal.found(noted.change, noted.record, revision.since);
    return noted.record;
  });
  const obstacle = findObstacle(record);
  return { state: classifyDrift(record), ...(obstacle === undefined ? {} : { obstacle }) };
}

export interface TroubleTask {
  target: DriftTarget;
  because: string;
}

/** Notes why a stack could not be looked at. */
export async function noteLookTrouble({ target, because }: TroubleTask, parts: SaveParts): Promise<void> {
  const text = because.slice(0, LONGEST_TROUBLE);
  await save(target, parts, (before) => noteTrouble(target, before, text, new Date().toISOString()));
}

function readStack(revision: RevisionRecord, { stacks }: LookParts): Promise<DriftFinding[]> {
  const { service, number, artifact, blueprint } = revision;
  return withHeartbeats((signal, report) =>
    stacks.detectDrift(
      { service, revision: number, artifact, blueprint },
      { signal, onProgress: ({ message: _quoted, ...progress }) => report(progress) },
    ),
  );
}

type Next = (before: DriftRecord | undefined) => DriftRecord | Promise<DriftRecord>;

/** Others write as well: whoever acknowledges, and whoever looks at the same time. */
async function save(target: DriftTarget, { drift, catalogue }: SaveParts, next: Next): Promise<DriftRecord> {
  for (;;) {
    const record = await next(await drift.find(target));
    // One that has been retired meanwhile has no stack any more.
    const { state } = (await catalogue.revision(target.service, target.revision)) ?? {};
    if (state === 'retired' || state === 'failed') return record;
    if (await drift.save(record)) return record;
  }
}
