import type { HistoryView } from '../../contract/supplant-client.ts';
import type { Call } from '../call.ts';
import { Faults } from '../faults.ts';
import { parseServiceName } from '../../contract/names.ts';
import { type PageLimits, readPage, writeToken } from '../pages.ts';

export const HISTORY_PAGES: PageLimits = { usual: 50, most: 500 };

/**
 * A page of a service's rollouts or revisions, newest first. What is new since the first page does not shift the others:
 * a token names the number it goes on below.
 */
export async function readHistory<Kind extends keyof HistoryView>(
  call: Call,
  request: { parent: string; pageSize: number; pageToken: string },
  limits: PageLimits,
  kind: Kind,
): Promise<Pick<HistoryView, Kind> & { nextPageToken: string }> {
  const { parent } = request;
  const faults = new Faults();
  const named = faults.take('parent', parent, parseServiceName(parent));
  const of = `${kind} ${parent}`;
  const { size, after } = readPage(faults, request, of, limits);
  const service = faults.settle(named);
  const backend = call.to('view', service);
  const below = after === undefined ? Number.POSITIVE_INFINITY : Number(after);
  // The history can only be had from its newest entry on.
  for (let limit = size + 1; ; limit *= 4) {
    const all = (await backend.history(service, limit))[kind] as { number: number }[];
    const rest = all.filter(({ number }) => number < below);
    if (rest.length <= size && all.length >= limit) continue;
    const page = rest.slice(0, size);
    const last = rest.length > size ? page.at(-1) : undefined;
    const nextPageToken = last ? writeToken(of, String(last.number)) : '';
    return { [kind]: page, nextPageToken } as unknown as Pick<HistoryView, Kind> & { nextPageToken: string };
  }
}
