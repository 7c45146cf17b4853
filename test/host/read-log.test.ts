import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { listLogFiles } from '../../src/host/log-files.ts';
import { type ReadLogOptions, readLog } from '../../src/host/read-log.ts';

describe('reading a log', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'supplant-log-'));
    path = join(folder, 'p1.log');
  });
  afterEach(async () => rm(folder, { recursive: true, force: true }));

  async function all(options: ReadLogOptions = {}): Promise<string[]> {
    const lines: string[] = [];
    for await (const line of readLog(path, options)) lines.push(line);
    return lines;
  }

  async function rotate(): Promise<void> {
    const files = listLogFiles(path);
    for (let index = files.length - 1; index > 0; index -= 1) {
      await rename(files[index - 1]!, files[index]!).catch(() => undefined);
    }
  }

  it('has no lines where there is no log', async () => assert.deepEqual(await all(), []));

  it('goes through the rotated files, oldest first, wherever they were cut', async () => {
    await writeFile(`${path}.2`, 'one\ntw');
    await writeFile(`${path}.1`, 'o\nthrée\n');
    await writeFile(path, 'four\nfive');
    assert.deepEqual(await all(), ['one', 'two', 'thrée', 'four', 'five']);
    assert.deepEqual(await all({ lines: 0 }), []);
    assert.deepEqual(await all({ lines: 1 }), ['five']);
    assert.deepEqual(await all({ lines: 4 }), ['two', 'thrée', 'four', 'five']);
    assert.deepEqual(await all({ lines: 99 }), ['one', 'two', 'thrée', 'four', 'five']);
  });

  it('gives the last lines of any log, however it is cut into files', async () => {
    const texts = fc.array(fc.constantFrom('a', 'bé', '\n', '\n\n', 'x'.repeat(70_000)), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(texts, texts, fc.nat(6), async (older, newer, lines) => {
        await writeFile(`${path}.1`, older.join(''));
        await writeFile(path, newer.join(''));
        const pieces = [...older, ...newer].join('').split('\n');
        if (pieces.at(-1) === '') pieces.pop();
        const wanted = lines === 0 ? [] : pieces.slice(-lines);
        // A line longer than the longest comes in pieces.
        assert.equal((await all({ lines })).join('').length, wanted.join('').length);
      }),
      { numRuns: 60 },
    );
  });

  it('follows across rotations, with no line twice or left out, until the log is removed', async () => {
    await writeFile(path, 'before\n0\n');
    const seen: string[] = [];
    const reading = (async () => {
      for await (const line of readLog(path, { lines: 1, follow: true, intervalMs: 1 })) seen.push(line);
    })();
    for (let number = 1; number <= 60; number += 1) {
      if (number % 20 === 0) await rotate();
      await appendFile(path, `${number}\n`);
    }
    while (seen.at(-1) !== '60') await new Promise(setImmediate);
    for (const file of listLogFiles(path)) await rm(file, { force: true });
    await reading;
    assert.deepEqual(
      seen,
      Array.from({ length: 61 }, (_, number) => `${number}`),
    );
  });

  it('waits for a log that is not there yet, and ends when it is told to', async () => {
    const stopping = new AbortController();
    const reading = (async () => {
      for await (const line of readLog(path, { follow: true, intervalMs: 1, signal: stopping.signal })) {
        assert.equal(line, 'at last');
        stopping.abort();
      }
    })();
    await appendFile(path, 'at last\n');
    await reading;
  });
});
