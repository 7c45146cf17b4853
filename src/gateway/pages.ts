import type { Faults } from './faults.ts';

/** How many a page has, https://google.aip.dev/158: more than `most` gives `most`. */
export interface PageLimits {
  usual: number;
  most: number;
}

export interface Page {
  size: number;
  /** Where the page before ended; undefined for the first. */
  after: string | undefined;
}

/**
 * Reads `page_size` and `page_token`.
 *
 * @param of what the pages are of: a token is good for nothing else
 */
export function readPage(
  faults: Faults,
  { pageSize, pageToken }: { pageSize: number; pageToken: string },
  of: string,
  { usual, most }: PageLimits,
): Page {
  if (pageSize < 0) faults.expected('page_size', '0 or more', String(pageSize));
  const after = pageToken === '' ? undefined : readToken(pageToken, of);
  if (after === null)
    faults.expected('page_token', 'next_page_token of the page before, of the same request', pageToken);
  return { size: pageSize <= 0 ? usual : Math.min(pageSize, most), after: after ?? undefined };
}

/** Opaque to callers. */
export function writeToken(of: string, after: string): string {
  return Buffer.from(JSON.stringify([of, after])).toString('base64url');
}

function readToken(token: string, of: string): string | null {
  try {
    const [wanted, after] = JSON.parse(Buffer.from(token, 'base64url').toString()) as unknown[];
    return wanted === of && typeof after === 'string' ? after : null;
  } catch {
    return null;
  }
}
