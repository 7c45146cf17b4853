import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type AlikeFailures, countAlike, isHopeless } from '../../src/domain/alike-failures.ts';

const LIMIT = { attempts: 3, forMs: 1_000 };

/** What became of failures at these moments: the number of the one after which nobody tries on. */
function givenUpAfter(failures: readonly [message: string, at: number][]): number | undefined {
  let counted: AlikeFailures | undefined;
  for (const [index, [message, at]] of failures.entries()) {
    counted = countAlike(counted, message, at);
    if (counted && isHopeless(counted, at, LIMIT)) return index + 1;
  }
  return undefined;
}

describe('attempts that fail alike', () => {
  it('are given up after so many, and so long', () => {
    assert.equal(givenUpAfter([0, 600, 1_200, 1_800].map((at) => ['it broke', at])), 3);
    assert.equal(givenUpAfter([0, 1, 2, 3, 4].map((at) => ['it broke', at])), undefined);
    assert.equal(givenUpAfter([0, 1, 2, 3, 1_000].map((at) => ['it broke', at])), 5);
  });

  it('are alike although pids, ports and digests in them differ', () => {
    const messages = [
      'pid 12 of web-test-r1 at 0xdeadbeef1',
      'pid 345 of web-test-r1 at 0xdeadbeef2',
      'pid 6 of web-test-r1 at 0xdeadbeef3',
    ];
    assert.equal(givenUpAfter(messages.map((message, index) => [message, index * 600])), 3);
  });

  it('begin anew with other words', () => {
    const messages = ['one', 'one', 'two', 'one', 'one'];
    assert.equal(givenUpAfter(messages.map((message, index) => [message, index * 600])), undefined);
  });

  it('go on for as long as the machine is in trouble', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('ENOSPC: no space left on device', 'spawn EAGAIN', 'cannot allocate memory')),
        (messages) => {
          assert.equal(givenUpAfter(messages.map((message, index) => [message, index * 10_000])), undefined);
        },
      ),
    );
  });

  it('are never given up before the limit, whatever else happens between', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b', 'no space left'), fc.nat(5_000))), (steps) => {
        let now = 0;
        const failures = steps.map(([message, pause]): [string, number] => [message, (now += pause)]);
        const last = givenUpAfter(failures);
        if (last === undefined) return;
        const alike = failures.slice(Math.max(0, last - LIMIT.attempts), last);
        assert.equal(new Set(alike.map(([message]) => message)).size, 1);
        assert.equal(alike.length, LIMIT.attempts);
      }),
    );
  });
});
