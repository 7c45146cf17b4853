import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { describe, it } from 'mocha';
import { AuditUnavailableError } from '../../src/store/audit/store.ts';
import { openStore } from '../../src/store/store.ts';
import { entry } from '../contract/audit-store.ts';
import type { PostgresCluster } from '../postgres/cluster.ts';
import { CutProxy } from '../postgres/cut-proxy.ts';
import { PASSWORD } from '../postgres/new-cluster.ts';
import { describeWithPostgres } from '../postgres/with-postgres.ts';

/** Says what is wrong and where, and never a password, whatever it is shown by. */
function unavailable(said: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof AuditUnavailableError, inspect(error));
    assert.match(error.message, said);
    assert.doesNotMatch(inspect(error, { depth: 9, showHidden: true }), /pass.{0,3}w.{0,3}rd.of|pass%2Fw/);
    return true;
  };
}

const OUT = { patienceMs: 300 };

describeWithPostgres('a store in Postgres', storeInPostgres, { settings: { synchronous_commit: 'off' } });

function storeInPostgres(cluster: () => PostgresCluster): void {
  describe('that goes away', () => {
    it('waits while it restarts, with all that was appended once and in one chain', async () => {
      const store = await openStore(await cluster().createDatabase(), { patienceMs: 60_000 });
      await store.audit.append(entry({ key: 'before' }));
      for (const how of ['fast', 'immediate'] as const) {
        const stopped = cluster().stop(how);
        const appending = Array.from({ length: 20 }, (_, number) =>
          store.audit.append(entry({ key: `${how}-${number}` })),
        );
        const listing = store.audit.list({ limit: 1 });
        await stopped;
        await cluster().start();
        await Promise.all(appending);
        assert.equal((await listing).length, 1);
      }
      const verdict = await store.audit.verify();
      await store.close();
      assert.deepEqual([verdict.ok, verdict.events], [true, 41]);
    });

    it('says so when it stays away, to all who wait, and serves again once it is back', async () => {
      const store = await openStore(await cluster().createDatabase(), OUT);
      await store.audit.append(entry({ key: 'a' }));
      await cluster().kill();
      const keys = Array.from({ length: 5 }, (_, number) => `b${number}`);
      const said = unavailable(
        /^postgres:\/\/owner@127\.0\.0\.1:\d+\/test_\d+: (nothing listens there|the connection was lost)/,
      );
      await Promise.all(keys.map((key) => assert.rejects(store.audit.append(entry({ key })), said)));
      await assert.rejects(store.audit.list(), said);
      await assert.rejects(store.catalogue.services(), said);
      await cluster().start();
      assert.equal((await store.audit.append(entry({ key: 'b0' }))).seq, 2);
      assert.equal((await store.audit.verify()).events, 2);
      await store.close();
    });

    it('repeats an append whose commit was not answered, and finds it on record', async () => {
      const database = new URL(await cluster().createDatabase());
      await using proxy = new CutProxy(cluster().port);
      database.port = String(await proxy.listen());
      const { audit, close } = await openStore(database.href);
      await audit.append(entry({ key: 'a' }));
      proxy.loseAnswers(2);
      const event = await audit.append(entry({ key: 'b' }));
      assert.deepEqual([proxy.lost, event.seq], [2, 2]);
      assert.equal((await audit.append(entry({ key: 'c' }))).seq, 3);
      const verdict = await audit.verify();
      await close();
      assert.deepEqual([verdict.ok, verdict.events], [true, 3]);
    });

    it('takes nothing of a transaction whose connection the server ended in it', async () => {
      const url = await cluster().createDatabase();
      const { audit, close } = await openStore(url);
      const holder =
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'supplant' and datname = current_database()";
      for (let round = 0; round < 5; round += 1) {
        const appending = Array.from({ length: 10 }, (_, number) => audit.append(entry({ key: `${round}-${number}` })));
        await cluster().query(holder, url);
        await Promise.all(appending);
      }
      const verdict = await audit.verify();
      await close();
      assert.deepEqual([verdict.ok, verdict.events], [true, 50]);
    });
  });

  describe('that cannot be used', () => {
    const elsewhere = (change: (url: URL) => void) => async () => {
      const url = new URL(await cluster().createDatabase());
      change(url);
      return url.href;
    };
    const prepared =
      (...statements: string[]) =>
      async () => {
        const url = await cluster().createDatabase();
        await (await openStore(url)).close();
        for (const statement of statements) await cluster().query(statement, url);
        return url;
      };
    const cases: [string, () => Promise<string>, RegExp][] = [
      ['a wrong password', elsewhere((url) => (url.password = 'wrong')), /the password is wrong; put the right one/],
      ['no password', elsewhere((url) => (url.password = '')), /it asks for a password; put it into/],
      ['an unknown user', elsewhere((url) => (url.username = 'nobody')), /the password is wrong/],
      ['a missing database', elsewhere((url) => (url.pathname = '/none')), /no such database; make it with createdb/],
      ['an unknown host', elsewhere((url) => (url.hostname = 'host.invalid')), /no such host|cannot be looked up/],
      ['a port nobody listens on', elsewhere((url) => (url.port = '1')), /nothing listens there; start Postgres/],
      ['TLS where there is none', elsewhere((url) => (url.search = '?sslmode=verify-full')), /it does not speak TLS/],
      [
        'an encoding that lacks characters',
        () => cluster().createDatabase("encoding 'LATIN1' template template0"),
        /its encoding is LATIN1; name a database made with/,
      ],
      [
        "another program's schema",
        async () => {
          const url = await cluster().createDatabase();
          await cluster().query('create schema supplant; create table supplant.holidays (day text)', url);
          return url;
        },
        /it holds another program's data; name another database/,
      ],
      [
        'what a newer version wrote',
        prepared("insert into supplant.kysely_migration values ('0999-from-the-future', '2030')"),
        /written by a newer Supplant \(schema step 0999-from-the-future\)/,
      ],
    ];
    for (const secret of ['p@ss/word', '12/ss', '12?ss', '12#ss', 'p@ss?w@rd', '12/s@s/x']) {
      it(`shows nothing of a password that is not encoded: ${secret}`, async () => {
        await assert.rejects(openStore(`postgres://user:${secret}@localhost/x`, OUT), (error) => {
          assert.ok(error instanceof AuditUnavailableError);
          assert.match(error.message, /^the postgres:\/\/ URL of the store cannot be read; .* percent-encoded$/);
          return true;
        });
      });
    }

    for (const [what, place, said] of cases) {
      it(`is refused with the way out: ${what}`, async () => {
        await assert.rejects(openStore(await place(), OUT), unavailable(said));
      });
    }

    it('is refused where the user may not make a schema, and taken where it may use one', async () => {
      const url = new URL(await cluster().createDatabase());
      await cluster().query(`create role tenant login password '${PASSWORD}'`, url.href);
      const tenant = new URL(url);
      tenant.username = 'tenant';
      await assert.rejects(
        openStore(tenant.href, OUT),
        unavailable(/let it own the schema 'supplant', or grant it CREATE/),
      );
      await cluster().query('create schema supplant authorization tenant', url.href);
      const { audit, close } = await openStore(tenant.href);
      assert.equal((await audit.append(entry({ key: 'a' }))).seq, 1);
      await close();
    });

    it('is refused where the user may not make tables in the schema that is there', async () => {
      const url = new URL(await cluster().createDatabase());
      await cluster().query(
        `create role guest login password '${PASSWORD}'; create schema supplant; grant usage on schema supplant to guest`,
        url.href,
      );
      url.username = 'guest';
      await assert.rejects(openStore(url.href, OUT), unavailable(/the user may not do this; let it own the schema/));
    });

    it('is refused when it has no connection left, and taken when it has', async () => {
      const url = await cluster().createDatabase();
      await cluster().query(`alter database ${new URL(url).pathname.slice(1)} connection limit 0`);
      await cluster().query(
        `create role small login password '${PASSWORD}'; grant create on database ${new URL(url).pathname.slice(1)} to small`,
      );
      const small = new URL(url);
      small.username = 'small';
      await assert.rejects(openStore(small.href, OUT), unavailable(/it has no connection left; end others/));
      await cluster().query(`alter database ${new URL(url).pathname.slice(1)} connection limit 10`);
      await (await openStore(small.href)).close();
    });

    it('takes no append while it is read-only, and the next one once it is not', async () => {
      const url = await cluster().createDatabase();
      const name = new URL(url).pathname.slice(1);
      await (await openStore(url)).close();
      await cluster().query(`alter database ${name} set default_transaction_read_only = on`);
      const { audit, close } = await openStore(url, OUT);
      await assert.rejects(audit.append(entry({ key: 'a' })), unavailable(/it cannot be written: it is read-only/));
      await close();
      await cluster().query(
        `set default_transaction_read_only = off; alter database ${name} reset default_transaction_read_only`,
      );
      const again = await openStore(url, OUT);
      assert.equal((await again.audit.append(entry({ key: 'a' }))).seq, 1);
      await again.close();
    });

    it('says what is in the way when another writer does not end', async () => {
      const url = await cluster().createDatabase();
      const { audit, close } = await openStore(url, OUT);
      await cluster().query(
        `create function supplant.slow() returns trigger language plpgsql as $$ begin perform pg_sleep(1); return new; end $$;
         create trigger slow before insert on supplant.audit_events for each row execute function supplant.slow()`,
        url,
      );
      const slow = await openStore(url, { patienceMs: 10_000 });
      const first = slow.audit.append(entry({ key: 'slow' }));
      const held = "select count(*)::int as held from pg_locks where locktype = 'advisory' and granted";
      for (;;) if ((await cluster().query<{ held: number }>(held, url))[0]!.held > 0) break;
      await assert.rejects(
        audit.append(entry({ key: 'a' })),
        unavailable(/another process has been writing to it for too long/),
      );
      assert.equal((await first).seq, 1);
      await Promise.all([close(), slow.close()]);
    });
  });

  it('syncs each commit, whatever the server, the database and the role have for a default', async () => {
    const url = await cluster().createDatabase();
    await cluster().query('alter role owner set synchronous_commit = off', url);
    const { audit, close } = await openStore(url);
    await cluster().query(
      `create table public.seen (value text);
       create function supplant.see() returns trigger language plpgsql as
         $$ begin insert into public.seen values (current_setting('synchronous_commit')); return new; end $$;
       create trigger see before insert on supplant.audit_events for each row execute function supplant.see()`,
      url,
    );
    await audit.append(entry({ key: 'a' }));
    await close();
    await cluster().query('alter role owner reset synchronous_commit', url);
    assert.deepEqual(await cluster().query('select value from public.seen', url), [{ value: 'on' }]);
  });

  it('can only be read when it is opened to be read', async () => {
    const url = await cluster().createDatabase();
    await assert.rejects(
      openStore(url, { readOnly: true }),
      unavailable(/nothing has been recorded there by this version/),
    );
    assert.deepEqual(await cluster().query("select 1 from pg_namespace where nspname = 'supplant'", url), []);
    const writing = await openStore(url);
    await writing.audit.append(entry({ key: 'a' }));
    const reading = await openStore(url, { readOnly: true });
    assert.equal((await reading.audit.list()).length, 1);
    await assert.rejects(reading.audit.append(entry({ key: 'b' })), unavailable(/it cannot be written/));
    await assert.rejects(
      reading.catalogue.removeService({ name: 'a', environment: 'b' }, '', 1),
      AuditUnavailableError,
    );
    await Promise.all([reading.close(), writing.close()]);
  });
}
