import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openState } from '../../../../src/stacks/pulumi/state/open.ts';
import { ensurePassphrase } from '../../../../src/stacks/pulumi/state/passphrase.ts';
import { readKeyPrefix } from '../../../../src/stacks/pulumi/state/postgres-url.ts';
import { itKeepsState } from '../../../contract/state-store.ts';
import { PASSWORD } from '../../../postgres/cluster.ts';
import { describeWithPostgres } from '../../../postgres/with-postgres.ts';

describeWithPostgres('state in Postgres', (cluster) => {
  let url = '';
  const keyOf = (name: string): string => `${readKeyPrefix(url)}${name}`;
  const open = async () => (await openState({ kind: 'postgres', url })).store;

  itKeepsState({
    async open() {
      url = await cluster().createDatabase();
      return open();
    },
    async put(name, content) {
      const data = JSON.stringify({ data: Buffer.from(content).toString('base64') });
      await cluster().query(
        `insert into supplant_state.pulumi_state (key, data) values ('${keyOf(name)}', '${data}')
         on conflict (key) do update set data = excluded.data`,
        url,
      );
    },
    async get(name) {
      const [row] = await cluster().query<{ content: string }>(
        `select data->>'data' as content from supplant_state.pulumi_state where key = '${keyOf(name)}'`,
        url,
      );
      return row && Buffer.from(row.content, 'base64').toString('utf8');
    },
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
    const { store, proof } = await openState({ kind: 'postgres', url });
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
