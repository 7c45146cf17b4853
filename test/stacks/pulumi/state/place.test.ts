import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { readStateSettings } from '../../../../src/stacks/pulumi/state/place.ts';
import { toEngineUrl } from '../../../../src/stacks/pulumi/state/postgres-url.ts';

const STORE = 'postgres://owner@db/supplant';

describe('where the state is', () => {
  it('is said by the option, else by the environment, else by a store that is Postgres', () => {
    const env = { SUPPLANT_STATE: 'given' };
    const place = (option: string | undefined, variables: object, store?: string) =>
      readStateSettings({ ...variables }, { option, store }).state;
    assert.deepEqual(place('asked', env, STORE), { kind: 'folder', path: resolve('asked') });
    assert.deepEqual(place(undefined, env, STORE), { kind: 'folder', path: resolve('given') });
    assert.deepEqual(place('', { SUPPLANT_STATE: '' }, STORE), { kind: 'postgres', url: STORE });
    assert.equal(place(undefined, {}, 'data/supplant.sqlite'), undefined);
    assert.equal(place(undefined, {}), undefined);
  });

  it('may be a bucket, with how it is reached', () => {
    for (const url of [
      's3://b',
      's3://b/a/prefix?region=eu-west-1&endpoint=localhost',
      'gs://b',
      'azblob://c?storage_account=a',
    ]) {
      assert.deepEqual(readStateSettings({ SUPPLANT_STATE: url }).state, { kind: 'objects', url }, url);
    }
  });

  const WRONG: [string, RegExp][] = [
    ['redis://x', /state at redis:\/\/… is not known; name a folder, postgres:\/\/.*azblob:\/\/CONTAINER$/],
    ['s3:///prefix', /s3:\/\/ URL of the state names no bucket; write s3:\/\/BUCKET or s3:\/\/BUCKET\/PREFIX/],
    ['s3:bucket', /names no bucket/],
    ['gs://id:sesame@b', /holds a name or a password; leave them out/],
  ];
  for (const [url, said] of WRONG) {
    it(`is not ${url}, which is said without what may be a password`, () => {
      assert.throws(
        () => readStateSettings({ SUPPLANT_STATE: url }),
        (error: Error) => {
          assert.match(error.message, said);
          assert.doesNotMatch(error.message, /sesame/);
          return true;
        },
      );
    });
  }
});

describe('what encrypts the state', () => {
  const read = (provider: string, file = '') =>
    readStateSettings({ SUPPLANT_SECRETS_PROVIDER: provider, SUPPLANT_PASSPHRASE_FILE: file });

  it('is a passphrase, unless a key of a cloud is named', () => {
    assert.deepEqual(read(''), {});
    assert.deepEqual(read('passphrase', '/secret'), { passphraseFile: '/secret' });
    assert.deepEqual(read('awskms://alias/a?region=eu-west-1'), {
      secretsProvider: 'awskms://alias/a?region=eu-west-1',
    });
    assert.deepEqual(read('hashivault://a'), { secretsProvider: 'hashivault://a' });
  });

  it('is nothing else, and not two things', () => {
    assert.throws(
      () => read('base64key://sesame'),
      /SUPPLANT_SECRETS_PROVIDER is none that is known; write passphrase, awskms/,
    );
    assert.throws(() => read('awskms://a', '/secret'), /exclude each other/);
  });
});

describe('the URL of a Postgres state, as the engine’s driver takes it', () => {
  const query = (url: string): Record<string, string> => Object.fromEntries(new URL(toEngineUrl(url)).searchParams);

  it('has the scheme that the engine knows, and the number that it writes under', () => {
    assert.equal(
      toEngineUrl('postgresql://a@db/state?application_name=mine', 7),
      'postgres://a@db/state?application_name=supplant+engine+7&search_path=supplant_state&sslmode=disable',
    );
  });

  const MODES: [string, string][] = [
    ['', 'disable'],
    ['sslmode=disable', 'disable'],
    ['ssl=true', 'verify-full'],
    ['sslrootcert=/ca.pem', 'verify-full'],
    ['sslmode=require', 'verify-full'],
    ['sslmode=no-verify', 'require'],
    ['uselibpqcompat=true&sslmode=require', 'require'],
    ['uselibpqcompat=true&sslmode=prefer', 'require'],
  ];
  for (const [given, mode] of MODES) {
    it(`has the engine check the server as Supplant does: ${given === '' ? 'nothing said' : given}`, () => {
      const { sslmode, ssl, uselibpqcompat } = query(`postgres://a@db/state?${given}`);
      assert.deepEqual([sslmode, ssl, uselibpqcompat], [mode, undefined, undefined]);
    });
  }
});
