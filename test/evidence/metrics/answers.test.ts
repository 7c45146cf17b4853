import assert from 'node:assert/strict';
import { parsePrinted } from '../../../src/evidence/metrics/command.ts';
import { parseJsonAnswer } from '../../../src/evidence/metrics/http-json.ts';
import { parseQueryAnswer } from '../../../src/evidence/metrics/prometheus.ts';

/** What is found, or the name and the message of what is thrown. */
function outcomeOf(parse: () => unknown): unknown {
  try {
    return parse();
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}

/** Whether it is that value, or says so. */
function assertOutcome(found: unknown, wanted: unknown): void {
  if (wanted instanceof RegExp) assert.match(String(found), wanted);
  else assert.deepEqual(found, wanted);
}

const NO_DATA = { samples: 0 };

describe('what Prometheus answers', () => {
  const vector = (...values: string[]) => ({
    resultType: 'vector',
    result: values.map((value, index) => ({ metric: { pod: `p${index}` }, value: [1_700_000_000.1, value] })),
  });
  const success = (data: object) => JSON.stringify({ status: 'success', data });
  const error = (errorType: string) => JSON.stringify({ status: 'error', errorType, error: 'it says why' });
  const cases: [what: string, status: number, body: string, wanted: number | undefined | RegExp][] = [
    ['a vector of one', 200, success(vector('0.25')), 0.25],
    ['a scalar', 200, success({ resultType: 'scalar', result: [1_700_000_000, '4'] }), 4],
    ['a warning beside a number', 200, success(vector('1')).replace('{', '{"warnings":["w"],'), 1],
    ['an empty vector', 200, success(vector()), undefined],
    ['NaN', 200, success(vector('NaN')), undefined],
    ['an infinite number', 200, success(vector('+Inf')), undefined],
    [
      'a vector of two',
      200,
      success(vector('1', '2')),
      /^MetricQueryError: .*2 series, such as \{pod="p0"\} and \{pod="p1"\}; make/,
    ],
    ['a matrix', 200, success({ resultType: 'matrix', result: [] }), /^MetricQueryError: .*finds a matrix/],
    [
      'a histogram',
      200,
      success({ resultType: 'vector', result: [{ metric: {}, histogram: [1, {}] }] }),
      /^MetricQueryError: .*finds a histogram/,
    ],
    ['a query that it cannot read', 400, error('bad_data'), /^MetricQueryError: .*bad_data: it says why$/],
    ['a query that cannot be carried out', 422, error('execution'), /^MetricQueryError: .*execution: it says why$/],
    ['that it took too long', 503, error('timeout'), /^MetricsUnavailableError: .*timeout: it says why$/],
    ['a page', 200, '<html>', /^MetricQueryError: .*does not answer as Prometheus does/],
    ['the page of a proxy', 502, '<html>', /^MetricsUnavailableError: prometheus answered 502: "<html>"$/],
    ['that it takes a password', 401, '', /^MetricsUnavailableError: prometheus answered 401$/],
  ];
  for (const [what, status, body, wanted] of cases) {
    it(`is understood: ${what}`, () => {
      assertOutcome(
        outcomeOf(() => parseQueryAnswer({ status, body }, 'prometheus', (text) => text)),
        wanted,
      );
    });
  }
});

describe('what a JSON document says', () => {
  const paths = { value: '$.rate', samples: '$.of' };
  const cases: [body: string, given: { value: string; samples?: string }, wanted: unknown][] = [
    ['{"rate": 0.5, "of": 20}', paths, { value: 0.5, samples: 20 }],
    ['{"rate": 0, "of": 20}', { value: '$.rate' }, { value: 0, samples: 1 }],
    ['{"rate": "0.5", "of": "20"}', paths, { value: 0.5, samples: 20 }],
    ['{"rate": 0.5}', paths, { value: 0.5, samples: 0 }],
    ['{"of": 20}', paths, { samples: 20 }],
    ['{"rate": null, "of": 0}', paths, NO_DATA],
    ['[]', { value: '$[-1].rate' }, NO_DATA],
    ['{"rate": "NaN"}', { value: '$.rate' }, NO_DATA],
    ['{"rate": true}', paths, /^MetricQueryError: \$\.rate of there is "true", which is no number$/],
    ['{"rate": "few"}', paths, /^MetricQueryError: .*which is no number$/],
    ['{"rate": ""}', paths, /^MetricQueryError: .*which is no number$/],
    ['[1, 2]', { value: '$[*]' }, /^MetricQueryError: \$\[\*\] finds 2 values in what there answers; it may find one$/],
    ['<html>', paths, /^MetricQueryError: there answers what is no JSON: /],
  ];
  for (const [body, given, wanted] of cases) {
    it(`is found by ${Object.values(given).join(' and ')} in ${body}`, () => {
      assertOutcome(
        outcomeOf(() => parseJsonAnswer(body, given, 'there')),
        wanted,
      );
    });
  }
});

describe('what a command prints', () => {
  const cases: [stdout: string, wanted: unknown][] = [
    ['0.25\n', { value: 0.25, samples: 1 }],
    ['1e-3', { value: 0.001, samples: 1 }],
    ['{"value": 0.25, "samples": 40}\n', { value: 0.25, samples: 40 }],
    ['{\n  "value": "4"\n}', { value: 4, samples: 1 }],
    ['{"value": null, "samples": 3}', { samples: 3 }],
    ['', NO_DATA],
    ['\n', NO_DATA],
    ['null', NO_DATA],
    ['NaN', NO_DATA],
    ['-Inf', NO_DATA],
    ['no orders', /^MetricQueryError: it is "\\"no orders\\"", which is no number$/],
    ['{"rate": 1}', /^MetricQueryError: it is .*; it has to be a number, or \{"value": 0\.2, "samples": 120\}$/],
    ['[1]', /^MetricQueryError: it is "\[1\]"; it has to be/],
    ['1\n2', /^MetricQueryError: it is .*which is no number$/],
  ];
  for (const [stdout, wanted] of cases) {
    it(`is understood: ${JSON.stringify(stdout)}`, () => {
      assertOutcome(
        outcomeOf(() => parsePrinted(stdout, 'it')),
        wanted,
      );
    });
  }
});
