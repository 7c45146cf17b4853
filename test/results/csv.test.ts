import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { CheckMeasurement } from '../../src/domain/experiment/measurement.ts';
import { formatResultsCsv } from '../../src/results/csv.ts';
import { assertGolden } from '../cli/golden.ts';
import { sampleLoad, sampleResults } from './sample-results.ts';

const RESULTS = sampleResults();

/** As RFC 4180 has it. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

function check(evidence: string): CheckMeasurement {
  return {
    ...{ kind: 'check', variant: 'candidate', probe: 'answers', verdict: 'fail', attempts: 1, passed: 0, evidence },
    ...{ from: '2026-11-29T02:00:00.000Z', to: '2026-11-29T02:00:01.000Z' },
  };
}

describe('results as CSV', () => {
  it('are the golden ones', () => {
    // Git would make something else of the ends of its lines.
    assertGolden('results-csv', formatResultsCsv(RESULTS).replaceAll('\r\n', '\n'));
  });

  it('come back as they were, whatever is in them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (evidence) => {
        fc.pre(!/^[=+\-@\t\r\n]/.test(evidence));
        const [titles = [], row = [], ...more] = parseCsv(
          formatResultsCsv({ ...RESULTS, measurements: [check(evidence)] }),
        );
        assert.deepEqual(more, []);
        assert.equal(row.length, titles.length);
        assert.equal(row[titles.indexOf('evidence')], evidence);
      }),
    );
  });

  it('hold no formulas, and leave numbers numbers', () => {
    for (const formula of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1']) {
      const [titles = [], row = []] = parseCsv(formatResultsCsv({ ...RESULTS, measurements: [check(formula)] }));
      assert.equal(row[titles.indexOf('evidence')], `'${formula}`);
    }
    const [titles = [], row = []] = parseCsv(
      formatResultsCsv({ ...RESULTS, measurements: [sampleLoad('candidate', [0.25, 3])] }),
    );
    assert.deepEqual([row[titles.indexOf('latency_min_ms')], row[titles.indexOf('answered')]], ['0.25', '2']);
  });

  it('are titles where nothing was measured', () => {
    assert.equal(parseCsv(formatResultsCsv({ ...RESULTS, measurements: [] })).length, 1);
  });
});
