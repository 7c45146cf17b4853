import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { z } from 'zod';
import { mapping, wholeNumber } from '../../src/config/fields.ts';
import { formatPath } from '../../src/config/fault.ts';
import { refuseKeysOfOthers } from '../../src/config/kinds.ts';
import { checkValue } from '../../src/config/problems.ts';

describe('keys that belong to some kinds only', () => {
  const vehicle = refuseKeysOfOthers(
    mapping({
      kind: z.enum(['car', 'ship', 'barge', 'bike']).prefault('bike'),
      doors: wholeNumber(1, 5).optional(),
      draught: wholeNumber(1, 20).optional(),
      speed: wholeNumber(1, 300).optional(),
    }),
    { car: ['doors'], ship: ['draught'], barge: ['draught'], bike: [] },
  );

  const faults = (value: object): string[] => {
    const checked = checkValue(vehicle, value);
    return checked.ok
      ? []
      : checked.problems.map(({ path, wanted, found }) => `${formatPath(path)}: ${wanted}, ${found}`);
  };

  it('are taken with theirs, as are those that belong to all', () => {
    for (const value of [{ kind: 'car', doors: 3, speed: 9 }, { kind: 'ship', draught: 2 }, { kind: 'barge' }, {}]) {
      assert.deepEqual(faults(value), []);
    }
  });

  it('are refused with others, each with the kinds that it belongs to', () => {
    assert.deepEqual(faults({ kind: 'car', doors: 3, draught: 2 }), [
      'draught: it with kind: ship or barge only, it with car',
    ]);
    assert.deepEqual(faults({ doors: 3, draught: 2 }), [
      'doors: it with kind: car only, it with bike',
      'draught: it with kind: ship or barge only, it with bike',
    ]);
  });

  it('are told beside other faults, once each', () => {
    assert.deepEqual(faults({ kind: 'car', doors: 9, draught: 2 }), [
      'doors: a whole number from 1 to 5, 9',
      'draught: it with kind: ship or barge only, it with car',
    ]);
    assert.deepEqual(faults({ kind: 'plane', doors: 3 }), ["kind: one of car, ship, barge, bike, 'plane'"]);
  });
});
