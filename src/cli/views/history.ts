import { formatExposed } from '../../domain/rollout/exposure.ts';
import { describeAim } from '../../domain/rollout/narrate.ts';
import { formatRunName } from '../../domain/experiment/run.ts';
import type { RollbackProof } from '../../domain/rollback/proof.ts';
import type { HistoryView } from '../../contract/supplant-client.ts';
import { formatEndpointUrl, formatRevisionName, shortenDigest } from '../../domain/service/revision.ts';
import type { Frame } from './frame.ts';
import { section } from './facts.ts';
import { OUTCOME_MARKS, PHASE_MARKS, QUARANTINE_MARK, REVISION_MARKS } from './symbols.ts';
import { type Cell, type Column, table } from './table.ts';
import type { Line } from './text.ts';
import { between, clock } from './time.ts';

const ROLLOUTS: Column[] = [
  { title: 'ROLLOUT' },
  { title: 'WHAT' },
  { title: 'OUTCOME' },
  { title: 'STARTED', rank: 2 },
  { title: 'TOOK', align: 'right', rank: 3 },
  { title: 'EXPOSED', align: 'right', rank: 6 },
  { title: 'BY', rank: 4 },
  { title: 'WHY', rank: 5 },
];
const REVISIONS: Column[] = [
  { title: 'REVISION' },
  { title: 'STATE' },
  { title: 'SINCE', rank: 2 },
  { title: 'ARTIFACT', rank: 1 },
  { title: 'BY', rank: 4 },
  { title: 'ENDPOINTS', rank: 5 },
];

const PROOFS: Column[] = [
  { title: 'ROLLBACK' },
  { title: 'VERDICT' },
  { title: 'FOUND', rank: 2 },
  { title: 'BY', rank: 3 },
  { title: 'WHY', rank: 4 },
];

/** All tables, newest first; of rollbacks only where one was tried. */
export function renderHistory(history: HistoryView & { proofs: RollbackProof[] }, frame: Frame): Line[] {
  const { width } = frame;
  const rollouts = table(
    ROLLOUTS,
    history.rollouts.map((record) => rolloutRow(record, frame)),
    width,
  );
  const revisions = table(
    REVISIONS,
    history.revisions.map((record) => revisionRow(record, frame)),
    width,
  );
  const proofs = table(
    PROOFS,
    history.proofs.map((proof) => proofRow(proof, frame)),
    width,
  );
  const tried = history.proofs.length === 0 ? [] : section('Rollbacks', proofs);
  return [...section('Rollouts', rollouts), ...section('Revisions', revisions), ...tried].slice(1);
}

function proofRow({ fromLabel, toLabel, verdict, at, run, because = '' }: RollbackProof, frame: Frame): Cell[] {
  const isProven = verdict === 'proven';
  const [symbol, tone] = OUTCOME_MARKS[isProven ? 'succeeded' : 'failed'];
  return [
    `${fromLabel} to ${toLabel}`,
    { text: `${frame.symbols[symbol]} ${verdict}`, tone },
    clock(at, frame.now),
    formatRunName(run),
    because,
  ];
}

function rolloutRow(record: HistoryView['rollouts'][number], { now, symbols }: Frame): Cell[] {
  const [symbol, tone] = record.outcome ? OUTCOME_MARKS[record.outcome] : PHASE_MARKS.running;
  return [
    `#${record.number}`,
    describeAim(record),
    { text: `${symbols[symbol]} ${record.outcome ?? 'running'}`, tone },
    clock(record.startedAt, now),
    between(record.startedAt, record.endedAt ?? now),
    record.exposure ? formatExposed(record.exposure) : '',
    record.actor,
    record.because ?? record.reason ?? '',
  ];
}

/** `r3`; of a baseline `r3, baseline of r1`. */
function nameRevision({ number, copyOf }: HistoryView['revisions'][number]): string {
  const of = copyOf === undefined ? '' : `, baseline of ${formatRevisionName(copyOf)}`;
  return `${formatRevisionName(number)}${of}`;
}

function revisionRow(record: HistoryView['revisions'][number], { now, symbols }: Frame): Cell[] {
  const [symbol, tone] = record.quarantined ? QUARANTINE_MARK : REVISION_MARKS[record.state];
  return [
    nameRevision(record),
    { text: `${symbols[symbol]} ${record.quarantined ? 'quarantined' : record.state}`, tone },
    clock(record.since, now),
    shortenDigest(record.artifact),
    record.requestedBy,
    record.state === 'live' || record.state === 'warm' ? record.endpoints.map(formatEndpointUrl).join(' ') : '',
  ];
}
