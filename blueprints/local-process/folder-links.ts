import { type Stats, lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';

/** A folder's real path, and the one it was named by. */
export interface LinkRoots {
  root: string;
  given: string;
}

/** What a link leads to. */
export type PlacedLink =
  /** It means the same in a copy of the folder; `target` is relative. */
  | { kind: 'inside'; target: string }
  /** `target` is the real path. */
  | { kind: 'outside'; target: string; stat: Stats }
  | { kind: 'nowhere'; target: string };

/** As many as Linux follows. */
const MOST_LINKS = 40;

/**
 * Tells whether a link stays in its folder, where a copy of it means the copy and cannot change. `path` is the link's
 * own, within the folder, and leads through no link. A link that is kept may lead nowhere: it does so for ever.
 */
export function placeLink({ root, given }: LinkRoots, path: string, target: string): PlacedLink {
  const from = dirname(path);
  const folder = from === '.' ? [] : from.split('/');
  if (!isAbsolute(target) && staysIn(root, folder, target)) return { kind: 'inside', target };
  const named = isAbsolute(target) ? (within(given, target) ?? within(root, target)) : undefined;
  if (named !== undefined && staysIn(root, [], named)) return { kind: 'inside', target: back(from, named) };
  // Not joined: `..` behind a link is the parent of what the link leads to.
  const leads = isAbsolute(target) ? target : `${root}/${from}/${target}`;
  // By the system's own rules: it may come back in by another way.
  const real = realPath(leads);
  if (real === undefined) return { kind: 'nowhere', target };
  const inside = within(root, real);
  if (inside !== undefined) return { kind: 'inside', target: back(from, inside) };
  return { kind: 'outside', target: real, stat: statSync(real) };
}

/** Follows `target` from a folder within the root, link by link, and never above the root. */
function staysIn(root: string, folder: readonly string[], target: string): boolean {
  const at = [...folder];
  const ahead = target.split('/');
  let followed = 0;
  for (let step = ahead.shift(); step !== undefined; step = ahead.shift()) {
    if (step === '' || step === '.') continue;
    if (step === '..') {
      if (at.pop() === undefined) return false;
      continue;
    }
    const link = linkAt(join(root, ...at, step));
    if (link === undefined) at.push(step);
    else {
      followed += 1;
      // A link that leads round in a circle leads nowhere, inside.
      if (followed > MOST_LINKS) return true;
      if (isAbsolute(link)) {
        const inside = within(root, link);
        if (inside === undefined) return false;
        at.length = 0;
        ahead.unshift(...inside.split('/'));
      } else ahead.unshift(...link.split('/'));
    }
  }
  return true;
}

function linkAt(path: string): string | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(path) : undefined;
  } catch {
    // Below a file, or not to be looked into: nothing is followed there.
    return undefined;
  }
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}

/** The path within a folder, as it is written; undefined for one outside. */
function within(folder: string, path: string): string | undefined {
  const way = relative(folder, path);
  return way === '..' || way.startsWith('../') ? undefined : way;
}

function back(from: string, inside: string): string {
  const way = relative(join('/', from), join('/', inside));
  return way === '' ? '.' : way;
}
