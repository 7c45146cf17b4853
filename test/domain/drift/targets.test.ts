import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { formatDriftTarget, pageDriftTargets, pickDriftTargets } from '../../../src/domain/drift/targets.ts';

const service = { name: 'web', environment: 'production' };
const revisions = [
  { number: 9, state: 'provisioning' },
  { number: 8, state: 'live' },
  { number: 7, state: 'warm' },
  { number: 6, state: 'warm' },
  { number: 5, state: 'retired' },
] as const;

describe('which stacks are looked at', () => {
  const picked = (running?: { revision?: number }): number[] =>
    pickDriftTargets({ service, revisions, ...(running ? { running } : {}) }).map(({ revision }) => revision);

  it('are the live and the warm ones, without those that a rollout works with', () => {
    assert.deepEqual(picked(), [8, 7, 6]);
    assert.deepEqual(picked({ revision: 9 }), [7, 6]);
    assert.deepEqual(picked({ revision: 7 }), [6]);
    assert.deepEqual(picked({}), [7, 6]);
  });

  it('come page by page, each once and none left out, in the order of their places', () => {
    const someTarget = fc.record({
      service: fc.record({ name: fc.constantFrom('a', 'b', 'a-b'), environment: fc.constantFrom('x', 'y') }),
      revision: fc.integer({ min: 1, max: 120 }),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(someTarget, { selector: formatDriftTarget, maxLength: 40 }),
        fc.integer({ min: 1, max: 7 }),
        (targets, limit) => {
          const seen: string[] = [];
          let next: string | undefined = '';
          while (next !== undefined) {
            const page = pageDriftTargets(targets, next, limit);
            assert.ok(page.targets.length <= limit);
            seen.push(...page.targets.map(formatDriftTarget));
            next = page.next;
          }
          assert.deepEqual(seen, targets.map(formatDriftTarget).toSorted());
        },
      ),
    );
  });
});
