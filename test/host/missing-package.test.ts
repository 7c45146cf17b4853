import assert from 'node:assert/strict';
import { loadOptional } from '../../src/host/missing-package.ts';

describe('what not everybody has installed', () => {
  it('is asked for by its name where it is missing', async () => {
    const absent = '@supplant-test/nobody-has-this';
    await assert.rejects(
      loadOptional(() => import(absent)),
      {
        message: `it takes the package ${absent}, which is not installed; install it beside Supplant`,
      },
    );
  });

  it('is loaded where it is there, and fails with its own error where that is what is wrong', async () => {
    assert.equal(await loadOptional(async () => 'there'), 'there');
    const broken = new Error('it is broken');
    await assert.rejects(
      loadOptional(() => Promise.reject(broken)),
      broken,
    );
  });
});
