import assert from 'node:assert/strict';
import { reportOf } from '../../demo/findings.ts';
import type { LoadReport } from '../../demo/load-counts.ts';
import { type DemoReport, reportText } from '../../demo/report.ts';
import { disappointments } from '../../demo/verdict.ts';
import { sampleReport } from './sample-report.ts';

type Change = (report: DemoReport) => void;

const leftOver = (name: string): Change => {
  return ({ leftovers }) => void leftovers.names.push(name);
};

const cases: [what: string, change: Change, wanted: RegExp[]][] = [
  ['all is well', () => undefined, []],
  [
    'a request failed',
    ({ requests }) => {
      requests.failed = 2;
      requests.failures = [{ what: 'answered 502', count: 2, firstAt: '2026-01-01T00:00:00.000Z' }];
    },
    [/^2 of 6357 requests failed: 2 × answered 502 \(first at 2026/],
  ],
  ['no request was sent', ({ requests }) => void (requests.total = 0), [/no request was sent/]],
  [
    'the replacement came back',
    ({ rollouts }) => Object.assign(rollouts[1]!, { outcome: 'rolled-back', because: 'it died' }),
    [/^"Replacement", r2: rolled-back instead of succeeded: it died$/],
  ],
  [
    'the broken release was taken',
    ({ rollouts }) => void (rollouts[2]!.outcome = 'succeeded'),
    [/^"A broken release", r3: succeeded instead of failed$/],
  ],
  [
    'the story ended with its first chapter',
    (report) => {
      report.rollouts[0]!.outcome = 'failed';
      for (const later of report.rollouts.slice(1)) later.outcome = 'none';
      report.requests.total = 0;
      report.refused = { revision: 0, requests: 0, checks: 0, stackLeft: false };
      report.caught = { revision: 0, weight: 0, exposureMs: 0, worstExposureMs: 0 };
      report.rollback = { millis: 0, lastOldAnswerMillis: 0 };
      Object.assign(report.experiment, { outcome: 'none', run: 0, variants: [], found: [] });
    },
    [
      /^"First deployment", r1: failed/,
      /^so these did not take place: "Replacement", "A broken release", "A slow release", "Rollback", "An experiment"$/,
    ],
  ],
  ['the broken one was asked', ({ refused }) => void (refused.requests = 1), [/^1 requests reached r3/]],
  ['its log was never seen', ({ refused }) => void (refused.checks = 0), [/its log was never seen/]],
  ['its stack is left', ({ refused }) => void (refused.stackLeft = true), [/the stack of r3 was not destroyed/]],
  [
    'the slow one was let through',
    ({ rollouts, caught }) => {
      rollouts[3]!.outcome = 'succeeded';
      Object.assign(caught, { check: undefined, weight: 100 });
    },
    [
      /^"A slow release", r4: succeeded instead of rolled-back$/,
      /^r4 went back, and no verdict says why$/,
      /^r4, which is slow, had 100 % of the traffic$/,
    ],
  ],
  [
    'nobody knows what the slow one cost',
    ({ caught }) => void (caught.exposureMs = 0),
    [/^nothing is known of how much/],
  ],
  [
    'the slow one cost more than its plan said',
    ({ caught }) => void (caught.exposureMs = caught.worstExposureMs + 1),
    [/^r4 had 21601 ms of full traffic, more than the 21600 ms of its plan$/],
  ],
  ['the rollback was not measured', ({ rollback }) => void (rollback.millis = 0), [/rollback was not measured/]],
  [
    'the removal failed',
    ({ removal }) => void (removal.outcome = 'failed'),
    [/removal of the service ended as failed/],
  ],
  ['dev was killed', (report) => void (report.dev = 'SIGKILL'), [/ended with SIGKILL/]],
  ['a stack is left over', leftOver('web-production-r2'), [/left over: web-production-r2$/]],
  ['a process is left over', leftOver('pid 7'), [/left over: pid 7$/]],
  ['the experiment is left over', leftOver('experiment trial/production'), [/left over: experiment trial/]],
  [
    'the experiment failed',
    ({ experiment }) => Object.assign(experiment, { outcome: 'failed', because: 'no port was free', found: [] }),
    [/^"An experiment": failed instead of succeeded: no port was free$/],
  ],
  [
    'the experiment failed and left something',
    ({ experiment }) => Object.assign(experiment, { outcome: 'lost', left: ['trial--candidate-production-r1'] }),
    [/^"An experiment": lost instead of succeeded$/, /had left trial--candidate-production-r1$/],
  ],
  ['a variant was not made', ({ experiment }) => void experiment.variants.pop(), [/^1 variants were made, not 2$/]],
  [
    'a variant got no load',
    ({ experiment }) => void (experiment.variants[1]!.requests = 0),
    [/^no load was sent to candidate$/],
  ],
  ['nothing was compared', ({ experiment }) => void (experiment.found = []), [/variants were not compared/]],
  [
    'nothing was live during the experiment',
    ({ experiment }) => void (experiment.live.requests = 0),
    [/no request was sent to the service during/],
  ],
  [
    'the load was too late for anything to be said',
    ({ experiment }) => {
      experiment.variants[0]!.late = 150;
      experiment.found = [
        "page: latency of candidate cannot be held against baseline's: 150 of 200 requests were late",
      ];
    },
    [],
  ],
  [
    'the chain is broken',
    (report) => void (report.audit = { events: 3, verified: false, fault: 'line 4 was changed' }),
    [/chain does not hold: line 4 was changed/],
  ],
  [
    'nothing is recorded',
    (report) => void (report.audit = { events: 0, verified: false }),
    [/chain does not hold: nothing is recorded/],
  ],
];

describe("the demo's verdict", () => {
  for (const [what, change, wanted] of cases) {
    it(`says what was not as expected: ${what}`, () => {
      const report = sampleReport();
      change(report);
      const found = disappointments(report);
      assert.equal(found.length, wanted.length, found.join('\n'));
      for (const [index, pattern] of wanted.entries()) assert.match(found[index]!, pattern);
    });
  }
});

describe("the demo's report", () => {
  const load: LoadReport = {
    total: 10,
    failed: 0,
    perSecond: 250,
    latency: { p50: 1, p99: 2, max: 3 },
    recent: { perSecond: 250, p99: 2 },
    answers: { '14.1.0': { count: 10, lastSentAt: 5 } },
    failures: [],
  };
  const { rollouts, refused, caught, rollback, experiment, removal, audit } = sampleReport();
  const findings = {
    story: { rollouts, refused, caught, rollback, experiment, load },
    removal,
    dev: 'exit code 0',
    left: { stacks: [], processes: [] },
    record: { audit, leases: [], experiments: [] },
    seconds: 30,
  };

  it('is ok when nothing was left and nothing failed', () => {
    const report = reportOf(findings);
    assert.deepEqual(report.faults, []);
    assert.equal(report.ok, true);
    assert.deepEqual(report.requests.answeredBy, { '14.1.0': 10 });
  });

  it('counts and names what is left over', () => {
    const left = { stacks: ['web-production-r1'], processes: [4, 5] };
    const record = { audit, leases: ['trial--baseline-production-r1'], experiments: ['trial/production'] };
    const report = reportOf({ ...findings, left, record });
    assert.equal(report.ok, false);
    assert.deepEqual(report.leftovers, {
      ...{ stacks: 1, processes: 2, leases: 1, experiments: 1 },
      names: [
        ...['web-production-r1', 'pid 4', 'pid 5'],
        ...['lease of trial--baseline-production-r1', 'experiment trial/production'],
      ],
    });
  });

  it('is JSON with the fields that are promised, rounded to tenths', () => {
    const written = JSON.parse(reportText(sampleReport())) as DemoReport;
    assert.equal(written.requests.total, 6357);
    assert.equal(written.requests.failed, 0);
    assert.equal(written.rollback.millis, 58.3);
    assert.deepEqual(
      written.rollouts.map(({ revision, outcome }) => [revision, outcome]),
      [
        [1, 'succeeded'],
        [2, 'succeeded'],
        [3, 'failed'],
        [4, 'rolled-back'],
        [1, 'succeeded'],
      ],
    );
    assert.equal(written.experiment.outcome, 'succeeded');
    assert.equal(written.experiment.variants.length, 2);
    assert.equal(written.leftovers.stacks, 0);
    assert.equal(written.leftovers.processes, 0);
    assert.deepEqual(written.audit, { events: 40, verified: true });
  });
});
