import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { waitUntil } from '../../../../src/host/polling.ts';
import { openState } from '../../../../src/stacks/pulumi/state/open.ts';
import { ensurePassphrase } from '../../../../src/stacks/pulumi/state/passphrase.ts';
import { readKeyPrefix, toEngineUrl } from '../../../../src/stacks/pulumi/state/postgres-url.ts';
import { itFencesEngines, itKeepsState } from '../../../contract/state-store.ts';
import { PASSWORD } from '../../../postgres/new-cluster.ts';
import { surroundState } from './surroundings.ts';
import { describeWithPostgres } from '../../../postgres/with-postgres.ts';

/** The driver of Node takes no schema from the URL. */
function inSchema(statement: string): string {
  return `set search_path = supplant_state; ${statement}`;
}

describeWithPostgres('state in Postgres', (cluster) => {
  let url = '';
  const keyOf = (name: string): string => `${readKeyPrefix(url)}${name}`;
  const open = async () => (await openState(surroundState({ kind: 'postgres', url }))).store;

  const setup = {
    open: async () => {
      url = await cluster().createDatabase();
      return open();
    },
    async put(name: string, content: string) {
      const data = JSON.stringify({ data: Buffer.from(content).toString('base64') });
      await cluster().query(
        `insert into supplant_state.pulumi_state (key, data) values ('${keyOf(name)}', '${data}')
         on conflict (key) do update set data = excluded.data`,
        url,
      );
    },
    async get(name: string) {
      const [row] = await cluster().query<{ content: string }>(
        `select data->>'data' as content from supplant_state.pulumi_state where key = '${keyOf(name)}'`,
        url,
      );
      return row && Buffer.from(row.content, 'base64').toString('utf8');
    },
  };
  describe('for the driver', () => itKeepsState(setup));

  /** On a connection as an engine opens it: by the URL that its driver is given. */
  const asEngine = (token: number | undefined): string => toEngineUrl(url, token);
  const statementOf = (name: string): string =>
    `insert into pulumi_state (key, data) values ('${keyOf(name)}', '{"data":"e30="}')
     on conflict (key) do update set data = excluded.data, updated_at = now()`;

  const fenced = {
    open: setup.open,
    again: open,
    write: async (token: number | undefined, name: string) =>
      cluster().query(inSchema(statementOf(name)), asEngine(token)),
    remove: async (token: number | undefined, name: string) =>
      cluster().query(inSchema(`delete from pulumi_state where key = '${keyOf(name)}'`), asEngine(token)),
  };
  describe('against engines', () => itFencesEngines(fenced));

  it('fences a stack only once what was let through before is written', async () => {
    url = await cluster().createDatabase();
    const store = await open();
    const engine = new Client({ connectionString: asEngine(5) });
    await engine.connect();
    try {
      await engine.query(inSchema(`begin; ${statementOf('stacks/test/web-test-r1.json')}`));
      let isFenced = false;
      const fencing = store.fence?.({ project: 'test', stack: 'web-test-r1' }, 6).then(() => (isFenced = true));
      const waiting =
        "select from pg_stat_activity where wait_event = 'advisory' and application_name = 'supplant state'";
      assert.ok(await waitUntil(20_000, async () => (await cluster().query(waiting, url)).length > 0));
      assert.equal(isFenced, false);
      await engine.query('commit');
      await fencing;
      await assert.rejects(
        engine.query(inSchema(statementOf('stacks/test/web-test-r1.json'))),
        /was taken over by another worker/,
      );
    } finally {
      await engine.end();
      await store.close();
    }
  });

  it('is fenced where it was made before there were fences, and refused to who may not make them', async () => {
    url = await cluster().createDatabase();
    await (await open()).close();
    await cluster().query('drop trigger refuse_fenced_writes on supplant_state.pulumi_state', url);
    await cluster().query(
      `create role guest login password 'guest'; grant usage on schema supplant_state to guest;
       grant create on database ${new URL(url).pathname.slice(1)} to guest;
       grant all on all tables in schema supplant_state to guest`,
      url,
    );
    const owner = url;
    const name = new URL(url).pathname.slice(1);
    url = cluster().url(name, { user: 'guest', password: 'guest' });
    await assert.rejects(
      open(),
      /permission denied for .*; its tables, and the trigger .*start one worker as the owner of the schema supplant_state/,
    );
    url = owner;
    const store = await open();
    await store.fence?.({ project: 'test', stack: 'web-test-r1' }, 6);
    await assert.rejects(
      cluster().query(inSchema(statementOf('stacks/test/web-test-r1.json')), asEngine(5)),
      /was taken over by another worker/,
    );
    await store.close();
  });

  it('names the key of a cloud in a stack’s first record, so that the engine asks for no passphrase', async () => {
    url = await cluster().createDatabase();
    const cloudKey = { url: 'awskms://a', encryptedKey: 'aGlkZGVu' };
    const { store } = await openState({ ...surroundState({ kind: 'postgres', url }), cloudKey });
    await store.initialise({ project: 'test', stack: 'web-test-r1' });
    const record = JSON.parse((await setup.get('stacks/test/web-test-r1.json')) ?? '') as {
      checkpoint: { latest: { secrets_providers: unknown } };
    };
    const state = { url: 'awskms://a', encryptedkey: 'aGlkZGVu' };
    assert.deepEqual(record.checkpoint.latest.secrets_providers, { type: 'cloud', state });
    assert.deepEqual(await store.read({ project: 'test', stack: 'web-test-r1' }), { resources: [], pending: [] });
    await store.close();
  });

  it('is made by any number of workers at once', async () => {
    url = await cluster().createDatabase();
    const stores = await Promise.all(Array.from({ length: 6 }, open));
    await Promise.all(stores.map(async (store) => store.initialise({ project: 'test', stack: 'web-test-r1' })));
    assert.equal((await stores[0]?.list())?.length, 1);
    await Promise.all(stores.map(async (store) => store.close()));
  });

  it('says what is wrong without the password, where there is no such database or nobody answers', async () => {
    url = cluster().url('nowhere');
    await assert.rejects(open(), (error: Error) => {
      assert.match(
        error.message,
        /^the state at postgres:\/\/owner@127\.0\.0\.1:\d+\/nowhere cannot be used: .*"nowhere" does not exist$/,
      );
      assert.ok(!error.message.includes(PASSWORD) && !error.message.includes(encodeURIComponent(PASSWORD)));
      return true;
    });
  });

  it('knows the secret that it is encrypted with, on every machine', async () => {
    url = await cluster().createDatabase();
    const { store, proof } = await openState(surroundState({ kind: 'postgres', url }));
    const folder = await mkdtemp(join(tmpdir(), 'supplant-secret-'));
    const [here, elsewhere] = [join(folder, 'here'), join(folder, 'elsewhere')];
    try {
      await ensurePassphrase(here, proof);
      await ensurePassphrase(here, proof);
      await assert.rejects(ensurePassphrase(elsewhere, proof), /elsewhere is missing or empty; put the first one back/);
      await assert.rejects(readFile(elsewhere), /ENOENT/);
      await ensurePassphrase(elsewhere);
      await assert.rejects(ensurePassphrase(elsewhere, proof), /is not the one that the state was encrypted with/);
    } finally {
      await store.close();
      await rm(folder, { recursive: true });
    }
  });
});
