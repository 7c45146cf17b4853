import assert from 'node:assert/strict';
import { SHARED_EMULATORS, nameEmulators, shareEmulators } from './aws.ts';

describe('the emulators that test files share', () => {
  const before = process.env[SHARED_EMULATORS];
  const named = { moto: { url: 'http://127.0.0.1:1' }, ministack: { url: 'http://127.0.0.1:2' } };

  beforeEach(() => Object.assign(process.env, nameEmulators(named)));
  afterEach(() => {
    if (before === undefined) Reflect.deleteProperty(process.env, SHARED_EMULATORS);
    else process.env[SHARED_EMULATORS] = before;
  });

  it('are taken as the run names them', async () => {
    await using shared = await shareEmulators();
    assert.deepEqual([shared.moto, shared.ministack], [named.moto, named.ministack]);
  });

  it('are no MiniStack for a file that is to do without', async () => {
    await using shared = await shareEmulators({ ministack: false });
    assert.deepEqual([shared.moto, shared.ministack], [named.moto, undefined]);
  });
});
