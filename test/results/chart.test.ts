import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ASCII_MARKS, BLOCK_MARKS, drawLatencyChart } from '../../src/results/chart.ts';
import { makeScale } from '../../src/results/loads.ts';
import { assertGolden } from '../cli/golden.ts';
import { sampleLoad, sampleResults } from './sample-results.ts';

const latency = fc.double({ min: 0.001, max: 1e6, noNaN: true });

describe('a chart of latencies', () => {
  for (const width of [100, 60, 30]) {
    it(`is the golden one on ${width} cells`, () => {
      assertGolden(`results-chart.${width}`, `${drawLatencyChart(sampleResults(), width).join('\n')}\n`);
    });
  }

  it('is the same in ASCII, mark for mark', () => {
    const [blocks, ascii] = [BLOCK_MARKS, ASCII_MARKS].map((marks) => drawLatencyChart(sampleResults(), 100, marks));
    assert.doesNotMatch(ascii!.join('\n'), /[^\n -~]/);
    assertGolden('results-chart.100-ascii', `${ascii!.join('\n')}\n`);
    assert.deepEqual(
      ascii!.map((line) => line.length),
      blocks!.map((line) => line.length),
    );
  });

  it('is never wider than it may be', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(latency, { maxLength: 30 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 200 }),
        (variants, width) => {
          const measurements = variants.map((samples, place) => sampleLoad(`variant-${place}`, samples));
          for (const line of drawLatencyChart({ measurements }, width)) {
            assert.ok(line.length <= width, `${line.length} cells of ${width}: ${line}`);
            assert.doesNotMatch(line, /NaN|undefined|Infinity/);
          }
        },
      ),
    );
  });

  it('says what has answered nothing, and is empty where nothing measured', () => {
    const lines = drawLatencyChart({ measurements: [sampleLoad('dead', []), sampleLoad('alive', [1, 2, 3])] }, 80);
    assert.ok(lines.some((line) => /^dead +nothing was answered as accepted$/.test(line)));
    assert.deepEqual(drawLatencyChart({ measurements: [] }, 80), []);
  });
});

describe('a scale of milliseconds', () => {
  it('has all values between its first and its last tick, in order', () => {
    fc.assert(
      fc.property(fc.array(latency, { minLength: 1, maxLength: 20 }), (values) => {
        const scale = makeScale(values);
        assert.ok(scale && scale.ticks.length >= 2);
        assert.ok((scale.ticks[0] ?? 0) <= Math.min(...values) && (scale.ticks.at(-1) ?? 0) >= Math.max(...values));
        const places = values.toSorted((one, other) => one - other).map((value) => scale.place(value));
        assert.deepEqual(
          places,
          places.toSorted((one, other) => one - other),
        );
      }),
    );
    assert.equal(makeScale([]), undefined);
  });
});
