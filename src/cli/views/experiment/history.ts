import type { RunView } from '../../../domain/experiment/view.ts';
import type { Frame } from '../frame.ts';
import { type Cell, type Column, table } from '../table.ts';
import { type Line, line } from '../text.ts';
import { between, clock } from '../time.ts';
import { describeTrigger, markOfRun } from './run.ts';

const COLUMNS: Column[] = [
  { title: 'RUN' },
  { title: 'OUTCOME' },
  { title: 'STARTED', rank: 2 },
  { title: 'TOOK', align: 'right', rank: 3 },
  { title: 'BY', rank: 4 },
  { title: 'WHY', rank: 1 },
];

/** The runs of an experiment, newest first. */
export function renderRunHistory(runs: readonly RunView[], frame: Frame): Line[] {
  if (runs.length === 0) return [line('No runs yet.')];
  return table(
    COLUMNS,
    runs.map(({ status }) => rowOf(status, frame)),
    frame.width,
  );
}

function rowOf(status: RunView['status'], { now, symbols }: Frame): Cell[] {
  const [symbol, tone] = markOfRun(status.outcome);
  return [
    `@${status.run}`,
    { text: `${symbols[symbol]} ${status.outcome ?? status.phase}`, tone },
    clock(status.startedAt, now),
    status.outcome === 'skipped' ? '' : between(status.startedAt, status.endedAt ?? now),
    describeTrigger(status),
    status.because ?? status.reason ?? '',
  ];
}
