import type { HostState } from '../../domain/hosts/host.ts';
import type { HostView } from '../../domain/hosts/view.ts';
import { suggestForgetting } from '../../domain/hosts/words.ts';
import type { Frame } from './frame.ts';
import { HOST_MARKS } from './symbols.ts';
import { type Cell, type Column, table } from './table.ts';
import { type Line, line, span, wrap } from './text.ts';
import { ago, moment } from './time.ts';

const COLUMNS: Column[] = [
  { title: '  HOST' },
  { title: 'STATE' },
  { title: 'SEEN', align: 'right', rank: 2 },
  { title: 'STACKS', align: 'right' },
  { title: 'POOLS', rank: 3 },
  { title: 'WORKERS', rank: 1 },
];

/** Which hosts there are, and what a person can do about those that are away. */
export function renderHosts(hosts: readonly HostView[], frame: Frame): Line[] {
  if (hosts.length === 0) return [line('No worker was seen yet.')];
  const [titles = [], ...rows] = table(
    COLUMNS,
    hosts.map((host) => hostRow(host, frame)),
    frame.width,
  );
  const below = hosts.map((host) => hostNotes(host, frame));
  return [titles, ...rows.flatMap((row, index) => [row, ...(below[index] ?? [])])];
}

function hostRow({ id, state, lastSeenAt, stackCount, version, pools }: HostView, { now, symbols }: Frame): Cell[] {
  const [symbol, tone] = HOST_MARKS[state];
  return [
    { text: `${symbols[symbol]} ${id}`, tone },
    { text: state, tone },
    lastSeenAt === undefined ? 'never' : ago(lastSeenAt, now),
    String(stackCount),
    pools.join(', ') || '-',
    version ?? '-',
  ];
}

/** So many stacks are named: the rest is counted. */
const MOST_NAMED = 3;

function hostNotes({ id, state, stackCount, stacks, forgotten }: HostView, { now, symbols, width }: Frame): Line[] {
  const indent = '     ';
  const named = stacks.slice(0, MOST_NAMED);
  const more = stackCount > named.length ? [`${stackCount - named.length} more`] : [];
  const told = (text: string): Line[] =>
    wrap(text, width - indent.length).map((part, index) =>
      line(span((index === 0 ? `  ${symbols.last}` : indent) + part, 'faint')),
    );
  return [
    ...(forgotten
      ? told(`${FORGOTTEN[state]} ${moment(forgotten.at, now)} by ${forgotten.by}: ${forgotten.reason}`)
      : []),
    ...(OUT_OF_REACH.includes(state) && stackCount > 0
      ? told(`out of reach: ${[...named, ...more].join(', ')}; does it not come back? ${suggestForgetting(id)}`)
      : []),
  ];
}

const OUT_OF_REACH: readonly HostState[] = ['away', 'unknown'];

const FORGOTTEN: Record<HostState, string> = {
  live: 'back; it was forgotten',
  away: 'it was forgotten before',
  forgotten: 'forgotten',
  unknown: 'forgotten',
};
