import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'mocha';
import { hashOf } from '../../../src/store/audit/chain.ts';
import type { ChainVerdict } from '../../../src/store/audit/store.ts';
import { toLine, type AuditRow } from '../../../src/store/audit/table.ts';
import { openStore } from '../../../src/store/store.ts';
import { entry } from '../../contract/audit-store.ts';
import type { PostgresCluster } from '../../postgres/cluster.ts';
import { describeWithPostgres } from '../../postgres/with-postgres.ts';
import { temporaryPath } from './temporary-store.ts';

const LINES = 9;

/** One kind of database, and what someone with a shell to it can do. */
interface Lab {
  place: () => Promise<{ path: string } & AsyncDisposable>;
  run: (path: string, sql: string) => Promise<unknown>;
  row: (path: string, seq: number) => Promise<AuditRow>;
  /** Statements that take the triggers away. */
  unguarded: string;
}

const SQLITE: Lab = {
  place: temporaryPath,
  run: async (path, sql) => {
    const database = new DatabaseSync(path);
    try {
      database.exec(sql);
    } finally {
      database.close();
    }
  },
  row: async (path, seq) => {
    const database = new DatabaseSync(path);
    const row = database.prepare('select * from audit_events where seq = ?').get(seq);
    database.close();
    return row as unknown as AuditRow;
  },
  unguarded: ['no_update', 'no_delete', 'in_order'].map((name) => `drop trigger audit_events_${name};`).join(''),
};

function postgresLab(cluster: () => PostgresCluster): Lab {
  return {
    place: async () => ({
      path: await cluster().createDatabase(),
      [Symbol.asyncDispose]: async () => undefined,
    }),
    run: (path, sql) => cluster().query(`set search_path = supplant; ${sql}`, path),
    row: async (path, seq) => {
      const [row] = await cluster().query<Omit<AuditRow, 'seq'> & { seq: string }>(
        `select * from supplant.audit_events where seq = ${seq}`,
        path,
      );
      // Without our settings it comes as text.
      return { ...row!, seq: Number(row!.seq) };
    },
    unguarded: ['no_change', 'no_truncate', 'in_order']
      .map((name) => `drop trigger audit_events_${name} on audit_events;`)
      .join(''),
  };
}

async function withRecord(lab: Lab, use: (path: string) => Promise<void>): Promise<void> {
  await using place = await lab.place();
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

async function tamper(lab: Lab, path: string, change: string, recompute?: number): Promise<void> {
  await lab.run(path, lab.unguarded + change);
  if (recompute === undefined) return;
  const line = toLine(await lab.row(path, recompute));
  assert.ok(!('unreadable' in line));
  const { hash: _, ...content } = line;
  await lab.run(path, `update audit_events set hash = '${hashOf(content)}' where seq = ${recompute}`);
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

function tamperedLog(name: string, lab: Lab): void {
  describe(`a tampered audit log: ${name}`, () => {
    for (const { what, change, recompute, broken, said } of cases) {
      it(`is told by ${what}: names line ${broken}`, () =>
        withRecord(lab, async (path) => {
          assert.equal((await verdictOf(path)).ok, true);
          await tamper(lab, path, change, recompute);
          const verdict = await verdictOf(path);
          assert.ok(!verdict.ok);
          assert.deepEqual([verdict.brokenSeq, verdict.events], [broken, broken - 1]);
          assert.match(verdict.fault, said);
        }));
    }

    it('is not told by lines cut off its end, unless a head was noted', () =>
      withRecord(lab, async (path) => {
        const whole = await verdictOf(path);
        assert.ok(whole.ok);
        await tamper(lab, path, 'delete from audit_events where seq > 7');
        assert.equal((await verdictOf(path)).ok, true);
        const verdict = await verdictOf(path, whole.head);
        assert.ok(!verdict.ok);
        assert.deepEqual([verdict.brokenSeq, verdict.events], [8, 7]);
        assert.match(verdict.fault, /is not in the chain: lines were cut off/);
      }));

    it('is not verified when a line has a number beyond what JavaScript can count', () =>
      withRecord(lab, async (path) => {
        await tamper(lab, path, 'update audit_events set seq = 9007199254740993 where seq = 9');
        await assert.rejects(verdictOf(path), /it holds a number that no program of ours writes/);
      }));

    it('is not read as if it were sound where a line is no event', () =>
      withRecord(lab, async (path) => {
        await tamper(lab, path, `update audit_events set data = '{' where seq = 4`);
        const { audit, close } = await openStore(path, { readOnly: true });
        await assert.rejects(audit.list(), /line 4 was changed.*'supplant audit verify' tells/);
        assert.equal((await audit.list({ afterSeq: 4 })).length, 5);
        await close();
      }));
  });
}

const copied = (seq: string): string =>
  `insert into audit_events select ${seq}, 'k', type, subject, rollout, actor, reason, data, at, previous_hash, hash
   from audit_events where seq = 9`;

const SLIPS: [string, RegExp][] = [
  [`update audit_events set actor = 'eve' where seq = 4`, /the audit log is append-only/],
  ['delete from audit_events where seq = 4', /the audit log is append-only/],
  ['delete from audit_events', /the audit log is append-only/],
  [copied('11'), /appended to at its end/],
  [copied('null'), /appended to at its end/],
];

function auditTable(name: string, lab: Lab, slips: [string, RegExp][]): void {
  describe(`the audit table: ${name}`, () => {
    for (const [statement, said] of slips) {
      it(`refuses: ${statement.replaceAll(/\s+/g, ' ').slice(0, 70)}`, () =>
        withRecord(lab, async (path) => {
          await assert.rejects(lab.run(path, statement), said);
          const verdict = await verdictOf(path);
          assert.deepEqual([verdict.ok, verdict.events], [true, LINES]);
        }));
    }
  });
}

tamperedLog('SQLite', SQLITE);
auditTable('SQLite', SQLITE, [
  ...SLIPS,
  ['insert or replace into audit_events select * from audit_events where seq = 4', /appended to at its end/],
]);

describeWithPostgres('with Postgres', (cluster) => {
  const lab = postgresLab(cluster);
  tamperedLog('Postgres', lab);
  auditTable('Postgres', lab, [...SLIPS, ['truncate audit_events', /the audit log is append-only/]]);
});
