import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
  describeRollbackSafety,
  findRollbackObstacle,
  judgeRollback,
  pickTold,
} from '../../../src/domain/rollback/safety.ts';
import type { KnownRollback } from '../../../src/domain/rollback/verdict.ts';

const KEY = { name: 'web', environment: 'production' };
const PROVEN: KnownRollback = { to: 'old', verdict: 'proven', run: 'web-drill/production@3' };
const DISPROVEN: KnownRollback = { ...PROVEN, verdict: 'disproven', because: 'r4 did not become healthy' };
const previous = { number: 4, release: 'old' };

describe('what is known of a rollback', () => {
  const cases: [string, readonly KnownRollback[], string][] = [
    ['that was proven', [PROVEN], 'rollback to r4: proven by web-drill/production@3'],
    [
      'that was disproven',
      [DISPROVEN],
      'rollback to r4: disproven by web-drill/production@3 (r4 did not become healthy)',
    ],
    ['that nobody has tried', [], 'rollback to r4: not proven'],
    ['of which another was proven', [{ ...PROVEN, to: 'older' }], 'rollback to r4: not proven'],
  ];
  for (const [name, known, words] of cases) {
    it(`is told in words: one ${name}`, () => {
      assert.equal(describeRollbackSafety(judgeRollback('new', previous, known)!), words);
    });
  }

  it('is nothing where nothing was before, or the same release', () => {
    assert.equal(judgeRollback('new', undefined, [PROVEN]), undefined);
    assert.equal(judgeRollback('old', previous, [PROVEN]), undefined);
  });

  it('is told where somebody has tried it, or the service demands it', () => {
    const unknown = judgeRollback('new', previous, []);
    assert.equal(pickTold(unknown, undefined), undefined);
    assert.equal(pickTold(unknown, 'none'), undefined);
    assert.deepEqual(pickTold(unknown, 'proven'), { to: 4, verdict: 'not-proven' });
    assert.equal(pickTold(judgeRollback('new', previous, [PROVEN]), undefined)?.verdict, 'proven');
  });
});

describe('a demand for a proof', () => {
  const obstacle = (known: readonly KnownRollback[], label = 'npm:http-server@2.0.0') =>
    findRollbackObstacle(KEY, label, judgeRollback('new', previous, known), 'proven');

  it('lets a proven release pass, and a first one', () => {
    assert.equal(obstacle([PROVEN]), undefined);
    assert.equal(findRollbackObstacle(KEY, 'a', undefined, 'proven'), undefined);
  });

  it('refuses another one with the pair, and what to type', () => {
    assert.deepEqual(obstacle([]), {
      message:
        'the rollback of web/production from npm:http-server@2.0.0 to r4 is not proven; its manifest demands rollbackSafety: proven',
      suggestion:
        'try it first: supplant drill web/production --artifact npm:http-server@2.0.0, or supplant drill --file with its manifest',
    });
    assert.match(obstacle([DISPROVEN])?.message ?? '', /is disproven by web-drill\/production@3: r4 did not become/);
  });

  it('names a folder as it is typed, and no artifact that it has not in whole', () => {
    assert.match(obstacle([], 'dir:/srv/app#sha256:0123456789ab')?.suggestion ?? '', /--artifact dir:\/srv\/app, or/);
    assert.match(obstacle([], 'npm:@company…server@2')?.suggestion ?? '', /--artifact ARTIFACT, or/);
  });

  it('is none where a service makes none', () => {
    const safety = judgeRollback('new', previous, [DISPROVEN]);
    assert.equal(findRollbackObstacle(KEY, 'a', safety, undefined), undefined);
    assert.equal(findRollbackObstacle(KEY, 'a', safety, 'none'), undefined);
  });
});
