import assert from 'node:assert/strict';
import { LogOnce } from '../../src/temporal/log-once.ts';

describe('a trouble', () => {
  it('is said once, and anew after it was over', () => {
    const said: string[] = [];
    const trouble = new LogOnce((error) => said.push(error));
    for (const error of ['down', 'still down']) trouble.met(new Error(error));
    trouble.over();
    trouble.met(new Error('down again'));
    assert.deepEqual(said, ['Error: down', 'Error: down again']);
  });
});
