import assert from 'node:assert/strict';
import { elapsed } from '../../../src/cli/views/time.ts';

describe('elapsed', () => {
  const cases: [number, string][] = [
    [-5, '0ms'],
    [0, '0ms'],
    [440.4, '440ms'],
    [999.5, '1.0s'],
    [9949, '9.9s'],
    [9950, '10s'],
    [59_400, '59s'],
    [59_600, '1m00s'],
    [185_000, '3m05s'],
    [3_599_600, '1h00m'],
    [7_800_000, '2h10m'],
    [360_000_000, '4d4h'],
  ];
  for (const [milliseconds, text] of cases)
    it(`writes ${milliseconds} ms as ${text}`, () => assert.equal(elapsed(milliseconds), text));
});
