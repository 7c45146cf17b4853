import { describeAim } from '../../domain/rollout/narrate.ts';
import type { HistoryView } from '../../contract/supplant-client.ts';
import { formatEndpointUrl, formatRevisionName, shortenDigest } from '../../domain/service/revision.ts';
import type { Frame } from './frame.ts';
import { section } from './facts.ts';
import { OUTCOME_MARKS, PHASE_MARKS, REVISION_MARKS } from './symbols.ts';
import { type Cell, type Column, table } from './table.ts';
import type { Line } from './text.ts';
import { between, clock } from './time.ts';

const ROLLOUTS: Column[] = [
  { title: 'ROLLOUT' },
  { title: 'WHAT' },
  { title: 'OUTCOME' },
  { title: 'STARTED', rank: 2 },
  { title: 'TOOK', align: 'right', rank: 3 },
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

/** Both tables, newest first. */
export function renderHistory(history: HistoryView, frame: Frame): Line[] {
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
  return [...section('Rollouts', rollouts), ...section('Revisions', revisions)].slice(1);
}

function rolloutRow(record: HistoryView['rollouts'][number], { now, symbols }: Frame): Cell[] {
  const [symbol, tone] = record.outcome ? OUTCOME_MARKS[record.outcome] : PHASE_MARKS.running;
  return [
    `#${record.number}`,
    describeAim(record),
    { text: `${symbols[symbol]} ${record.outcome ?? 'running'}`, tone },
    clock(record.startedAt, now),
    between(record.startedAt, record.endedAt ?? now),
    record.actor,
    record.because ?? record.reason ?? '',
  ];
}

function revisionRow(record: HistoryView['revisions'][number], { now, symbols }: Frame): Cell[] {
  const [symbol, tone] = REVISION_MARKS[record.state];
  return [
    formatRevisionName(record.number),
    { text: `${symbols[symbol]} ${record.state}`, tone },
    clock(record.since, now),
    shortenDigest(record.artifact),
    record.requestedBy,
    record.state === 'live' || record.state === 'warm' ? record.endpoints.map(formatEndpointUrl).join(' ') : '',
  ];
}
