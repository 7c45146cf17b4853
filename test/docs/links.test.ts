import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { ROOT, anchorsOf, codeLinesOf, codeSpansOf, linksOf, readPages } from './markdown.ts';

const pages = readPages();
const anchors = new Map(pages.map((page) => [page.path, anchorsOf(page)]));

/** What looks like a path within the checkout: `src/domain/rollout/verbs.ts`, `test/golden/`, `src/activities/*.ts`. */
const PATH = /^(?:\.ci|bench|bin|blueprints|demo|docs|examples|proto|src|test|tools)\/[\w.*{},/-]*$/;

describe('the documents', () => {
  it('are found', () => {
    const paths = pages.map(({ path }) => path);
    for (const path of ['README.md', 'ARCHITECTURE.md', 'docs/README.md', 'docs/adr/README.md'])
      assert.ok(paths.includes(path), path);
  });

  it('link only to what is there', () => {
    const broken = pages.flatMap((page) =>
      linksOf(page).flatMap(({ line, text }) => {
        const why = whyBroken(page.path, text);
        return why === undefined ? [] : [`${page.path}:${line} ${text}: ${why}`];
      }),
    );
    assert.deepEqual(broken, []);
  });

  it('name only files that are there', () => {
    const missing = pages.flatMap((page) =>
      codeSpansOf(page)
        .filter(({ text }) => PATH.test(text) && !isThere(text))
        .map(({ line, text }) => `${page.path}:${line} ${text}`),
    );
    assert.deepEqual(missing, []);
  });

  it('name only scripts of the package', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
    const unknown = pages.flatMap((page) =>
      [...codeLinesOf(page), ...codeSpansOf(page)].flatMap(({ line, text }) =>
        [...text.matchAll(/\bnpm (?:run ([\w:-]+)|(test|start)\b)/g)]
          .map(([, run, other]) => run ?? other ?? '')
          .filter((name) => !Object.hasOwn(scripts, name))
          .map((name) => `${page.path}:${line} npm run ${name}`),
      ),
    );
    assert.deepEqual(unknown, []);
  });

  it('are all linked to from somewhere', () => {
    const linked = new Set(
      pages.flatMap((page) => linksOf(page).map(({ text }) => targetOf(page.path, text.split('#')[0] ?? ''))),
    );
    const alone = pages.map(({ path }) => path).filter((path) => path !== 'README.md' && !linked.has(path));
    assert.deepEqual(alone, []);
  });
});

function whyBroken(from: string, link: string): string | undefined {
  if (/^(?:https?|mailto):/.test(link)) return undefined;
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? from : targetOf(from, path);
  if (!existsSync(join(ROOT, target))) return 'there is no such file';
  if (anchor === undefined) return undefined;
  const found = anchors.get(target);
  if (!found) return 'anchors of this file are not known';
  return found.has(anchor) ? undefined : `there is no heading #${anchor}`;
}

function targetOf(from: string, path: string): string {
  return normalize(join(dirname(from), path));
}

function isThere(path: string): boolean {
  return /[*{]/.test(path) ? globSync(path, { cwd: ROOT }).length > 0 : existsSync(join(ROOT, path));
}
