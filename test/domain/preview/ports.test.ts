import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { type PortHolder, choosePort, parsePortRange } from '../../../src/domain/preview/ports.ts';

const RANGE = { first: 18_100, last: 18_109 };

function holders(ports: readonly number[], isIdle = false): PortHolder[] {
  return ports.map((port) => ({ port, who: 'somebody', ...(isIdle ? { isIdle } : {}) }));
}

describe('the port of a preview', () => {
  it('is read as a range, or as one', () => {
    assert.deepEqual(parsePortRange('18100-18999'), { first: 18_100, last: 18_999 });
    assert.deepEqual(parsePortRange('8080'), { first: 8080, last: 8080 });
    for (const text of ['', 'web', '1-', '9-8', '0-5', '1-65536', '-5', '80 - 90']) {
      assert.equal(parsePortRange(text), undefined, text);
    }
  });

  it('is the one that it had, where nobody else has that', () => {
    assert.equal(choosePort('web-login', RANGE, holders([18_100]), 9000), 9000);
    const other = choosePort('web-login', RANGE, holders([9000]), 9000);
    assert.ok(other !== undefined && other >= RANGE.first && other <= RANGE.last);
  });

  it('is that of a preview that is over only where no other is left', () => {
    const all = Array.from({ length: 10 }, (_, index) => RANGE.first + index);
    const idle = holders([18_103], true);
    const busy = holders(all.filter((port) => port !== 18_103 && port !== 18_105));
    assert.equal(choosePort('web-login', RANGE, [...busy, ...idle]), 18_105);
    assert.equal(choosePort('web-login', RANGE, [...busy, ...idle, ...holders([18_105])]), 18_103);
    assert.equal(choosePort('web-login', RANGE, holders(all)), undefined);
  });

  it('is in the range, nobody else’s, and the same for the same name and neighbours', () => {
    const ports = fc.uniqueArray(fc.integer({ min: RANGE.first, max: RANGE.last }), { maxLength: 9 });
    fc.assert(
      fc.property(fc.string(), ports, (name, taken) => {
        const port = choosePort(name, RANGE, holders(taken));
        assert.ok(port !== undefined && port >= RANGE.first && port <= RANGE.last && !taken.includes(port));
        assert.equal(choosePort(name, RANGE, holders(taken.toReversed())), port);
      }),
    );
  });
});
