import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { COLUMNS, MODES, ROWS } from './cells.ts';
import type { Sequence } from './sequence.ts';
import { BATCH, drawSequences } from './steering.ts';

/** Half of each batch is steered. */
const SEEDS = Math.ceil((ROWS.length * COLUMNS.length) / (BATCH / 2));

function nameAim({ aims }: Sequence): string {
  const { place, mode, rounds } = aims[0]!;
  const { what, full, breakGlass } = rounds[0]![0]!;
  const how = breakGlass ? ' --break-glass' : full ? ' --full' : '';
  return `${place}${MODES[mode]} × ${what}${how}`;
}

describe('the aims of random sequences', () => {
  it('are every cell of the report in a few seeds', () => {
    const drawn = Array.from({ length: SEEDS }, (_, index) => drawSequences(900 + index, BATCH)).flat();
    const aims = new Set(drawn.map(([, sequence]) => nameAim(sequence)));
    const missing = ROWS.flatMap((row) => COLUMNS.map((column) => `${row} × ${column}`)).filter((c) => !aims.has(c));
    assert.deepEqual(missing, []);
  });

  it('are the same for the same seed, however many are drawn', () => {
    const [, few] = drawSequences(7, 2);
    assert.deepEqual(drawSequences(7, 20)[1], few);
  });
});
