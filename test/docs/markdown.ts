import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A Markdown file, by its path from the root of the checkout. */
export interface Page {
  path: string;
  text: string;
}

/** Something found in a page, and the line it stands in. */
export interface Found {
  line: number;
  text: string;
}

/** Every Markdown file that people read. */
export function readPages(): Page[] {
  return globSync(['*.md', '{docs,examples,blueprints,tools,bench,demo}/**/*.md'], { cwd: ROOT })
    .filter((path) => !path.includes('node_modules'))
    .toSorted()
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
}

/** The targets of its links and pictures. What is code is no link. */
export function linksOf(page: Page): Found[] {
  return proseOf(page).flatMap(({ line, text }) =>
    [...text.replaceAll(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => ({
      line,
      text: target,
    })),
  );
}

/** What stands between backquotes in its prose and tables. */
export function codeSpansOf(page: Page): Found[] {
  return proseOf(page).flatMap(({ line, text }) =>
    [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => ({ line, text: code })),
  );
}

/** The lines of its fenced blocks, with lines that end with a backslash joined to the next. */
export function codeLinesOf(page: Page): Found[] {
  const lines = linesOf(page).filter(({ isCode }) => isCode);
  const joined: Found[] = [];
  for (const { line, text } of lines) {
    const last = joined.at(-1);
    if (last?.text.endsWith('\\')) last.text = `${last.text.slice(0, -1)}${text.trim()}`;
    else joined.push({ line, text });
  }
  return joined;
}

/** Its fenced blocks of YAML, each with the line of its fence. */
export function yamlBlocksOf({ text }: Page): Found[] {
  const blocks = [...text.matchAll(/^( *)```ya?ml\n(.*?)^\1```$/gms)];
  return blocks.map(({ 1: indent = '', 2: yaml = '', index }) => ({
    line: text.slice(0, index).split('\n').length,
    text: yaml.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }));
}

/** The anchors of its headings, as GitHub makes them. */
export function anchorsOf(page: Page): Set<string> {
  const seen = new Map<string, number>();
  const anchors = new Set<string>();
  for (const { text } of proseOf(page)) {
    const title = /^#{1,6} (.*)$/.exec(text)?.[1];
    if (title === undefined) continue;
    const anchor = anchorOf(title);
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    anchors.add(times === 0 ? anchor : `${anchor}-${times}`);
  }
  return anchors;
}

function anchorOf(title: string): string {
  return title
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
    .replaceAll(' ', '-');
}

function proseOf(page: Page): Found[] {
  return linesOf(page).filter(({ isCode }) => !isCode);
}

function linesOf({ text }: Page): (Found & { isCode: boolean })[] {
  let isCode = false;
  return text.split('\n').flatMap((line, index) => {
    if (/^\s*```/.test(line)) {
      isCode = !isCode;
      return [];
    }
    return [{ line: index + 1, text: line, isCode }];
  });
}
