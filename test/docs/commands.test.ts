import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createProcessContext } from '../../src/cli/process-context.ts';
import { commandTree } from '../../src/cli/program.ts';
import { commandPage } from '../../tools/docs/command-page.ts';
import { exitCodePage } from '../../tools/docs/exit-code-page.ts';
import { commandLinesIn, faultOf } from './command-lines.ts';
import { type Found, type Page, ROOT, codeLinesOf, codeSpansOf, readPages } from './markdown.ts';

const context = createProcessContext();
const tree = () => commandTree(context);

/** Its lines are a summary of usage, in commander's own notation. */
const GENERATED = 'docs/reference/cli.md';

describe('command lines in the documents', () => {
  const pages = readPages().filter(({ path }) => path !== GENERATED);

  it('are whole in blocks of code', async () => {
    assert.deepEqual(await faults(pages, codeLinesOf, true), []);
  });

  it('name commands and options that exist where they stand in a sentence', async () => {
    assert.deepEqual(await faults(pages, codeSpansOf, false), []);
  });

  it('are found and parsed as a shell would', () => {
    assert.deepEqual(commandLinesIn("npx supplant deploy web -a 'cmd:node a b' --dry-run # a try"), [
      ['deploy', 'web', '-a', 'cmd:node a b', '--dry-run'],
    ]);
    assert.deepEqual(commandLinesIn('A=1 supplant list -o json | head -1 && npx supplant audit export > f.jsonl'), [
      ['list', '-o', 'json'],
      ['audit', 'export'],
    ]);
    assert.deepEqual(commandLinesIn('npm run demo'), []);
    assert.deepEqual(commandLinesIn('supplant audit list --rollout web/production#12'), [
      ['audit', 'list', '--rollout', 'web/production#12'],
    ]);
  });

  it('are refused where they name what is not there', async () => {
    assert.match((await faultOf(tree, ['statsu', 'web'], false)) ?? '', /unknown command/);
    assert.match((await faultOf(tree, ['status', 'web', '--wiht'], false)) ?? '', /unknown option/);
    assert.match((await faultOf(tree, ['deploy', 'web'], true)) ?? '', /required option/);
    assert.match((await faultOf(tree, ['pin', 'web'], true)) ?? '', /missing required argument/);
    assert.equal(await faultOf(tree, ['pin', 'web'], false), undefined);
    assert.equal(await faultOf(tree, ['status', 'web', '-o', 'json'], true), undefined);
  });
});

describe('the generated reference', () => {
  for (const [file, make] of [
    ['cli.md', () => commandPage(tree())],
    ['exit-codes.md', exitCodePage],
  ] as const) {
    it(`${file} is what the program says; npm run docs:cli writes it`, () => {
      assert.equal(readFileSync(join(ROOT, 'docs/reference', file), 'utf8'), make());
    });
  }
});

async function faults(pages: readonly Page[], find: (page: Page) => Found[], whole: boolean): Promise<string[]> {
  const found: string[] = [];
  for (const page of pages) {
    for (const { line, text } of find(page)) {
      for (const words of commandLinesIn(text)) {
        const fault = await faultOf(tree, words, whole);
        if (fault !== undefined) found.push(`${page.path}:${line} ${text}: ${fault}`);
      }
    }
  }
  return found;
}
