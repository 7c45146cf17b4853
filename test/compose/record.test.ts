import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { it } from 'mocha';
import { parse } from 'yaml';
import { openStore } from '../../src/store/store.ts';
import { entry } from '../contract/audit-store.ts';
import { describeWithPostgres } from '../postgres/with-postgres.ts';
import { read } from './files.ts';

const SECRET = "it's/a@secret?";

interface Composed {
  services: { worker: { environment: Record<string, string> } };
  configs: { 'record.sql': { content: string } };
}

describeWithPostgres('the database that docker-compose.yml makes', (cluster) => {
  it('is one that the worker can use as it is told to', async () => {
    const compose = parse(read('docker-compose.yml')) as Composed;
    const folder = await mkdtemp(join(tmpdir(), 'supplant-compose-'));
    const password = process.env.PGPASSWORD;
    try {
      const file = join(folder, 'record.sql');
      await writeFile(file, compose.configs['record.sql'].content);
      // As the image's entry point does.
      await promisify(execFile)('psql', ['--no-psqlrc', '--set', 'ON_ERROR_STOP=1', '--file', file, cluster().url()], {
        env: { ...process.env, SUPPLANT_POSTGRES_PASSWORD: SECRET },
      });
      const [, wanted = ''] = /^\$\{SUPPLANT_STORE:-(.*)\}$/.exec(compose.services.worker.environment.SUPPLANT_STORE!)!;
      const url = new URL(wanted);
      url.port = String(cluster().port);
      process.env.PGPASSWORD = SECRET;
      const { audit, close } = await openStore(url.href);
      assert.equal((await audit.append(entry({ key: 'a' }))).seq, 1);
      await close();
    } finally {
      if (password === undefined) delete process.env.PGPASSWORD;
      else process.env.PGPASSWORD = password;
      await rm(folder, { recursive: true });
    }
  });
});
