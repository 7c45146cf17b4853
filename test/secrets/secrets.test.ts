import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkSecret, createConfigRedactor, readSecret } from '../../src/secrets/secrets.ts';

describe('secrets', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'supplant-secrets-'));
    path = join(folder, 'secret');
  });
  afterEach(async () => {
    delete process.env.SUPPLANT_TEST_SECRET;
    await rm(folder, { recursive: true });
  });

  it('are read from a file, without the line break that an editor leaves', async () => {
    await writeFile(path, 'two\nlines\r\n');
    assert.equal(await readSecret(`file:${path}`), 'two\nlines');
  });

  it('are read from a variable, and from a field of what is JSON', async () => {
    process.env.SUPPLANT_TEST_SECRET = JSON.stringify({ password: 'pass', port: 5432 });
    assert.equal(await readSecret('env:SUPPLANT_TEST_SECRET#password'), 'pass');
    assert.equal(await readSecret('env:SUPPLANT_TEST_SECRET#port'), '5432');
  });

  it('are told missing in words that hold nothing of them, before they are needed and when they are', async () => {
    await writeFile(path, 'topmost-secret');
    const rows: [reference: string, said: RegExp][] = [
      ['env:SUPPLANT_TEST_SECRET', /the variable SUPPLANT_TEST_SECRET is not set in the worker's environment$/],
      [`file:${path}.none`, /secret\.none does not exist on the worker's host$/],
      [`file:${folder}`, /is a folder$/],
    ];
    for (const [reference, said] of rows) {
      assert.match((await checkSecret(reference)) ?? '', said);
      await assert.rejects(readSecret(reference), { name: 'SecretError', message: said });
    }
    assert.equal(await checkSecret(`file:${path}`), undefined);
    await assert.rejects(readSecret(`file:${path}#field`), (error: Error) => {
      assert.match(error.message, /it has no field field, since it is not JSON$/);
      assert.doesNotMatch(error.message, /topmost/);
      return true;
    });
  });

  it('are taken out of what is quoted, those included that were read before they changed', async () => {
    await writeFile(path, 'older-secret');
    await readSecret(`file:${path}`);
    await writeFile(path, 'newer-secret');
    await readSecret(`file:${path}`);
    const redact = await createConfigRedactor({ env: { TOKEN: { secret: `file:${path}` }, PLAIN: 'plain-value' } }, {});
    assert.equal(redact('older-secret newer-secret plain-value'), '[env TOKEN] [env TOKEN] [env PLAIN]');
  });

  it('let nothing be quoted where they cannot be recognised', async () => {
    const redact = await createConfigRedactor({ env: { TOKEN: { secret: `file:${path}` } } }, {});
    assert.match(redact('older-secret'), /^\[nothing is quoted, .*secret does not exist on the worker's host\]$/);
  });
});
