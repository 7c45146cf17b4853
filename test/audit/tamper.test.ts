import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'mocha';
import { hashOf } from '../../src/audit/chain.ts';
import type { ChainVerdict } from '../../src/audit/store.ts';
import { toLine, type AuditRow } from '../../src/audit/table.ts';
import { openStore } from '../../src/store/store.ts';
import { entry } from '../contract/audit-store.ts';
import { temporaryPath } from './temporary-store.ts';

const LINES = 9;

async function withRecord(use: (path: string) => Promise<void>): Promise<void> {
  await using place = await temporaryPath();
  const { audit, close } = await openStore(place.path);
  for (let number = 1; number <= LINES; number += 1) {
    await audit.append(entry({ key: `e${number}`, reason: `reason ${number}`, data: { weight: number } }));
  }
  await close();
  await use(place.path);
}

async function verdictOf(path: string, notedHead?: string): Promise<ChainVerdict> {
  const { audit, close } = await openStore(path, { readOnly: true });
  return audit.verify(notedHead).finally(close);
}

/** What someone with the file and a SQLite shell can do. */
function tamper(path: string, change: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(path);
  for (const trigger of ['no_update', 'no_delete', 'in_order']) database.exec(`drop trigger audit_events_${trigger}`);
  change(database);
  database.close();
}

function recomputeHash(database: DatabaseSync, seq: number): void {
  const row = database.prepare('select * from audit_events where seq = ?').get(seq) as unknown as AuditRow;
  const line = toLine(row);
  assert.ok(!('unreadable' in line));
  const { hash: _, ...content } = line;
  database.prepare('update audit_events set hash = ? where seq = ?').run(hashOf(content), seq);
}

const swap = (a: number, b: number): string =>
  [`set seq = -1 where seq = ${a}`, `set seq = ${a} where seq = ${b}`, `set seq = ${b} where seq = -1`]
    .map((change) => `update audit_events ${change};`)
    .join('');
const insertBefore = `insert into audit_events
  select -5, 'smuggled', type, subject, rollout, actor, reason, data, at, previous_hash, hash
  from audit_events where seq = 1`;

const CHANGED = (seq: number): RegExp => new RegExp(`^line ${seq} was changed after it was written`);
const UNFOLLOWED = (seq: number): RegExp => new RegExp(`^line ${seq} does not follow line ${seq - 1}:`);

const cases: { what: string; change: string; recompute?: number; broken: number; said: RegExp }[] = [
  ...['key', 'type', 'subject', 'rollout', 'actor', 'reason', 'at'].map((column) => ({
    what: `another ${column} in line 4`,
    change: `update audit_events set ${column} = 'forged' where seq = 4`,
    broken: 4,
    said: CHANGED(4),
  })),
  {
    what: 'other data in line 4',
    change: `update audit_events set data = '{"weight":5}' where seq = 4`,
    broken: 4,
    said: CHANGED(4),
  },
  {
    what: 'data that is no JSON',
    change: `update audit_events set data = '{' where seq = 4`,
    broken: 4,
    said: /^line 4 was changed.*its data is not JSON/,
  },
  {
    what: 'no reason where there was one',
    change: 'update audit_events set reason = null where seq = 4',
    broken: 4,
    said: CHANGED(4),
  },
  {
    what: 'other data in the first line',
    change: `update audit_events set data = '{}' where seq = 1`,
    broken: 1,
    said: CHANGED(1),
  },
  {
    what: 'other data in the last line',
    change: `update audit_events set data = '{}' where seq = 9`,
    broken: 9,
    said: CHANGED(9),
  },
  {
    what: 'another hash',
    change: `update audit_events set hash = '${'0'.repeat(64)}' where seq = 4`,
    broken: 4,
    said: CHANGED(4),
  },
  {
    what: 'another hash of the line before',
    change: `update audit_events set previous_hash = '${'1'.repeat(64)}' where seq = 4`,
    broken: 4,
    said: UNFOLLOWED(4),
  },
  {
    what: 'an edited line with its own hash recomputed, which shows at the line behind it',
    change: `update audit_events set actor = 'eve' where seq = 4`,
    recompute: 4,
    broken: 5,
    said: UNFOLLOWED(5),
  },
  {
    what: 'a line deleted in the middle',
    change: 'delete from audit_events where seq = 4',
    broken: 4,
    said: /^line 4 is missing: line 5 stands in its place/,
  },
  {
    what: 'the first line deleted',
    change: 'delete from audit_events where seq = 1',
    broken: 1,
    said: /^line 1 is missing: line 2 /,
  },
  {
    what: 'a line deleted and the rest renumbered',
    change: 'delete from audit_events where seq = 4; update audit_events set seq = seq - 1 where seq > 4',
    broken: 4,
    said: UNFOLLOWED(4),
  },
  {
    what: 'the first line deleted and the rest renumbered',
    change: 'delete from audit_events where seq = 1; update audit_events set seq = seq - 1',
    broken: 1,
    said: /^line 1 does not begin the chain/,
  },
  { what: 'two neighbours swapped', change: swap(4, 5), broken: 4, said: UNFOLLOWED(4) },
  { what: 'two lines far apart swapped', change: swap(3, 8), broken: 3, said: UNFOLLOWED(3) },
  {
    what: 'a line smuggled in before the first',
    change: insertBefore,
    broken: 1,
    said: /^line 1 is missing: line -5 stands/,
  },
  {
    what: 'a line moved to the end',
    change: 'update audit_events set seq = 20 where seq = 4',
    broken: 4,
    said: /^line 4 is missing/,
  },
];

describe('a tampered audit log', () => {
  for (const { what, change, recompute, broken, said } of cases) {
    it(`is told by ${what}: names line ${broken}`, () =>
      withRecord(async (path) => {
        assert.equal((await verdictOf(path)).ok, true);
        tamper(path, (database) => {
          database.exec(change);
          if (recompute !== undefined) recomputeHash(database, recompute);
        });
        const verdict = await verdictOf(path);
        assert.ok(!verdict.ok);
        assert.deepEqual([verdict.brokenSeq, verdict.events], [broken, broken - 1]);
        assert.match(verdict.fault, said);
      }));
  }

  it('is not told by lines cut off its end, unless a head was noted', () =>
    withRecord(async (path) => {
      const whole = await verdictOf(path);
      assert.ok(whole.ok);
      tamper(path, (database) => {
        database.exec('delete from audit_events where seq > 7');
      });
      assert.equal((await verdictOf(path)).ok, true);
      const verdict = await verdictOf(path, whole.head);
      assert.ok(!verdict.ok);
      assert.deepEqual([verdict.brokenSeq, verdict.events], [8, 7]);
      assert.match(verdict.fault, /is not in the chain: lines were cut off/);
    }));

  it('is not verified when a line has a number beyond what JavaScript can count', () =>
    withRecord(async (path) => {
      tamper(path, (database) => {
        database.exec('update audit_events set seq = 9007199254740993 where seq = 9');
      });
      await assert.rejects(verdictOf(path), /it holds a number that no program of ours writes/);
    }));

  it('is not read as if it were sound where a line is no event', () =>
    withRecord(async (path) => {
      tamper(path, (database) => {
        database.exec(`update audit_events set data = '{' where seq = 4`);
      });
      const { audit, close } = await openStore(path, { readOnly: true });
      await assert.rejects(audit.list(), /line 4 was changed.*'supplant audit verify' tells/);
      assert.equal((await audit.list({ afterSeq: 4 })).length, 5);
      await close();
    }));
});

describe('the audit table', () => {
  const slips: [string, RegExp][] = [
    [`update audit_events set actor = 'eve' where seq = 4`, /the audit log is append-only/],
    ['delete from audit_events where seq = 4', /the audit log is append-only/],
    ['delete from audit_events', /the audit log is append-only/],
    ['insert or replace into audit_events select * from audit_events where seq = 4', /appended to at its end/],
    [
      `insert into audit_events select 11, 'k', type, subject, rollout, actor, reason, data, at, previous_hash, hash
      from audit_events where seq = 9`,
      /appended to at its end/,
    ],
    [
      `insert into audit_events select null, 'k', type, subject, rollout, actor, reason, data, at, previous_hash, hash
      from audit_events where seq = 9`,
      /appended to at its end/,
    ],
  ];
  for (const [statement, said] of slips) {
    it(`refuses: ${statement.replaceAll(/\s+/g, ' ').slice(0, 70)}`, () =>
      withRecord(async (path) => {
        const database = new DatabaseSync(path);
        assert.throws(() => database.exec(statement), said);
        database.close();
        const verdict = await verdictOf(path);
        assert.deepEqual([verdict.ok, verdict.events], [true, LINES]);
      }));
  }
});
