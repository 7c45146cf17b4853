import { type ChangeStop, describeScope } from '../../domain/gates/stop.ts';
import type { Frame } from './frame.ts';
import { type Column, table } from './table.ts';
import { type Line, line } from './text.ts';
import { ago, moment } from './time.ts';

const COLUMNS: Column[] = [
  { title: 'CHANGES IN' },
  { title: 'SET', rank: 2 },
  { title: 'UNTIL' },
  { title: 'BY', rank: 1 },
  { title: 'WHY' },
];

/** What is stopped now. */
export function renderChangeStops(stops: readonly ChangeStop[], { now, width }: Frame): Line[] {
  if (stops.length === 0) return [line('No changes are stopped.')];
  const rows = stops.map((stop) => [
    { text: describeScope(stop), tone: 'busy' as const },
    ago(stop.since, now),
    stop.until === undefined ? 'it is lifted' : moment(stop.until, now),
    stop.actor,
    stop.reason,
  ]);
  return table(COLUMNS, rows, width);
}
