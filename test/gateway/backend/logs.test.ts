import assert from 'node:assert/strict';
import { appendFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { logPath, recordPath, revisionDir } from '../../../blueprints/local-process/layout.ts';
import { readLocalLogs } from '../../../src/gateway/backend/logs/local-logs.ts';
import type { ApiError } from '../../../src/contract/supplant-client.ts';
import type { LogPart } from '../../../src/domain/logs.ts';

const WEB = { name: 'web', environment: 'production' };
const LIVE = { number: 3, blueprint: 'local-process', gone: false };

describe('the logs of a revision, as they are read', () => {
  let stacks: string;
  let revision: string;
  beforeEach(async () => {
    stacks = await mkdtemp(join(tmpdir(), 'supplant-stacks-'));
    revision = revisionDir(stacks, { project: 'production', stack: 'web-production-r3' });
    await mkdir(revision, { recursive: true });
  });
  afterEach(() => rm(stacks, { recursive: true, force: true }));

  async function process(name: string, text: string): Promise<string> {
    await writeFile(recordPath(revision, name), '{}');
    await writeFile(logPath(revision, name), text);
    return logPath(revision, name);
  }

  const read = (lines: number, follow: boolean, signal: AbortSignal) =>
    readLocalLogs(stacks, WEB, LIVE, { lines, follow }, signal);

  it('begin with where they are, and come with the process that printed each', async () => {
    const path = await process('p1', 'one\ntwo\nthree\n');
    await process('p2', 'eins\nzwei');
    const parts: LogPart[] = [];
    for await (const part of read(2, false, new AbortController().signal)) parts.push(part);
    assert.deepEqual(parts[0], {
      ...{ kind: 'places', revision: 3, host: hostname() },
      logs: [
        { process: 'p1', path },
        { process: 'p2', path: logPath(revision, 'p2') },
      ],
    });
    const printed = parts.flatMap((part) =>
      part.kind === 'lines' ? part.lines.map((each) => [part.process, each]) : [],
    );
    assert.deepEqual(
      printed.filter(([name]) => name === 'p1'),
      [
        ['p1', 'two'],
        ['p1', 'three'],
      ],
    );
    assert.deepEqual(
      printed.filter(([name]) => name === 'p2'),
      [
        ['p2', 'eins'],
        ['p2', 'zwei'],
      ],
    );
  });

  it('are followed across rotated files, every line once, until nobody listens', async () => {
    const path = await process('p1', 'old\n');
    const quiet = await process('p2', '');
    const controller = new AbortController();
    const seen: string[] = [];
    for await (const part of read(1, true, controller.signal)) {
      if (part.kind === 'lines') {
        seen.push(...part.lines);
        if (seen.at(-1) === 'old') await appendFile(path, 'first\n');
        else if (seen.at(-1) === 'first') {
          await rename(path, `${path}.1`);
          await writeFile(path, 'second\n');
        } else if (seen.at(-1) === 'second') await appendFile(quiet, 'other\n');
        else controller.abort();
      }
    }
    assert.deepEqual(seen, ['old', 'first', 'second', 'other']);
  });

  it('come in few messages, however many lines there are', async () => {
    const lines = Array.from({ length: 5_000 }, (_, index) => `line ${index}`);
    await process('p1', lines.join('\n'));
    const batches: string[][] = [];
    for await (const part of read(100_000, false, new AbortController().signal))
      if (part.kind === 'lines') batches.push(part.lines);
    assert.deepEqual(batches.flat(), lines);
    assert.ok(batches.length < 500, String(batches.length));
  });

  const without: [string, typeof LIVE, RegExp, RegExp][] = [
    [
      'on another machine',
      { ...LIVE, number: 4 },
      /has no logs of r4 of web\/production/,
      /on the worker's machine.*-r4/,
    ],
    [
      'with the stack',
      { ...LIVE, number: 4, gone: true },
      /the logs of r4 of web\/production went with its stack/,
      /why/,
    ],
    [
      'where a blueprint keeps them',
      { ...LIVE, blueprint: 'site' },
      /the blueprint site .* keeps its logs itself/,
      /-r3/,
    ],
  ];
  for (const [where, logged, message, suggestion] of without) {
    it(`that are ${where} are said to be`, async () => {
      const signal = new AbortController().signal;
      const parts = readLocalLogs(stacks, WEB, logged, { lines: 1, follow: true }, signal);
      await assert.rejects(parts.next(), (error: ApiError) => {
        assert.equal(error.reason, 'REFUSED');
        assert.match(error.message, message);
        assert.match(error.suggestion ?? '', suggestion);
        return true;
      });
    });
  }
});
