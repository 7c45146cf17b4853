import assert from 'node:assert/strict';
import { DifferentialSuite } from './suite.ts';

describe('client and service see of each other what they see without the router', () => {
  let suite: DifferentialSuite;

  before(async () => {
    suite = await DifferentialSuite.start();
  });

  after(() => suite.stop());

  it('in 1,000 generated exchanges, in each of which HAProxy takes part too', async function () {
    this.timeout(300_000);
    const { exchanges, kinds, exceptions } = await suite.run({ exchanges: 1000, seed: 16, lanes: 16 });
    assert.equal(exchanges, 1000);
    // A kind that is never generated says nothing, nor does an exception that never applies; HAProxy's depend on the moment.
    assert.ok(kinds.size >= 18, [...kinds.keys()].join(', '));
    const unused = [...exceptions].filter(([name, count]) => name.startsWith('router') && count === 0);
    assert.deepEqual(unused, []);
  });
});
