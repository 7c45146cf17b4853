import assert from 'node:assert/strict';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { describe, it } from 'mocha';
import { chainEvent } from '../../../src/store/audit/chain.ts';
import { exportEvents, verifyExport } from '../../../src/store/audit/export.ts';
import type { AuditEvent, AuditQuery } from '../../../src/store/audit/store.ts';
import { openStore } from '../../../src/store/store.ts';
import { entry } from '../../contract/audit-store.ts';
import { temporaryPath } from './temporary-store.ts';

async function exported(): Promise<string[]> {
  await using place = await temporaryPath();
  const { audit, close } = await openStore(place.path);
  for (const key of ['a', 'b', 'c', 'd']) await audit.append(entry({ key, reason: 'line\nbreak', data: { key } }));
  const lines: string[] = [];
  await exportEvents(audit, (line) => void lines.push(line));
  await close();
  return lines;
}

describe('exporting the audit log', () => {
  it('gives a file that verifies by itself', async () => {
    await using place = await temporaryPath();
    await mkdir(dirname(place.path));
    const lines = await exported();
    const file = createWriteStream(place.path);
    for (const line of lines) file.write(line);
    file.end();
    await finished(file);
    const verdict = await verifyExport(createInterface(createReadStream(place.path)));
    const last = JSON.parse(lines.at(-1)!) as AuditEvent;
    assert.deepEqual(verdict, { ok: true, events: 4, head: last.hash });
  });

  it('writes one event a line, in canonical form', async () => {
    for (const line of await exported()) {
      assert.match(line, /^\{"actor":"ada","at":"[^\n]*\}\n$/);
    }
  });

  it('reads a page at a time and waits for each write', async () => {
    const events: AuditEvent[] = [];
    for (let number = 1; number <= 1100; number += 1) {
      events.push(chainEvent(events.at(-1), entry({ key: `e${number}` }), new Date(0)));
    }
    const pages: number[] = [];
    const list = async ({ afterSeq = 0, limit = 1000 }: AuditQuery = {}): Promise<AuditEvent[]> => {
      const page = events.slice(afterSeq, afterSeq + limit);
      pages.push(page.length);
      return page;
    };
    let writing = 0;
    const summary = await exportEvents({ list }, async () => {
      assert.equal((writing += 1), 1);
      await Promise.resolve();
      writing -= 1;
    });
    assert.deepEqual(summary, { events: 1100, head: events.at(-1)?.hash });
    assert.deepEqual(pages, [500, 500, 100]);
  });

  const forgeries: [string, (lines: string[]) => string[], number, RegExp][] = [
    ['an edited line', (lines) => lines.with(1, lines[1]!.replace('"ada"', '"eve"')), 2, /^line 2 was changed/],
    ['an added field', (lines) => lines.with(1, lines[1]!.replace('{', '{"x":1,')), 2, /^line 2 was changed/],
    ['a missing line', (lines) => lines.toSpliced(1, 1), 2, /^line 2 is missing/],
    ['a doubled line', (lines) => lines.toSpliced(1, 0, lines[0]!), 2, /^line 2 is missing: line 1 stands/],
    ['half a line', (lines) => lines.with(2, lines[2]!.slice(0, 40)), 3, /^line 3 is not JSON/],
    ['a line of something else', (lines) => lines.with(2, '[]'), 3, /^line 3 is not an audit event/],
    ['a null', (lines) => lines.with(0, 'null'), 1, /^line 1 is not an audit event/],
  ];
  for (const [what, forge, broken, said] of forgeries) {
    it(`names the first broken line of a file with ${what}`, async () => {
      const verdict = await verifyExport(forge(await exported()));
      assert.ok(!verdict.ok);
      assert.deepEqual([verdict.brokenSeq, verdict.events], [broken, broken - 1]);
      assert.match(verdict.fault, said);
    });
  }

  it('shows a cut end when the head was noted', async () => {
    const lines = await exported();
    const { hash } = JSON.parse(lines.at(-1)!) as AuditEvent;
    assert.equal((await verifyExport(lines, hash)).ok, true);
    assert.equal((await verifyExport(lines.slice(0, 3), hash)).ok, false);
  });
});
