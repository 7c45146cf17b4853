import type { DemoReport } from '../../demo/report.ts';

/** A demo in which all was well. */
export function sampleReport(): DemoReport {
  return {
    ok: true,
    faults: [],
    seconds: 31.26,
    requests: {
      total: 6357,
      failed: 0,
      perSecond: 250.04,
      latencyMillis: { p50: 2.61, p99: 8.2, max: 41 },
      answeredBy: { '14.1.0': 2888, '14.1.1': 3469 },
      failures: [],
    },
    rollouts: [
      { title: 'First deployment', revision: 1, outcome: 'succeeded', expected: 'succeeded', seconds: 7.4 },
      { title: 'Replacement', revision: 2, outcome: 'succeeded', expected: 'succeeded', seconds: 8.1 },
      { title: 'A broken release', revision: 3, outcome: 'failed', expected: 'failed', seconds: 7.5 },
      { title: 'A slow release', revision: 4, outcome: 'rolled-back', expected: 'rolled-back', seconds: 9.9 },
      { title: 'Rollback', revision: 1, outcome: 'succeeded', expected: 'succeeded', seconds: 0.2 },
    ],
    refused: { revision: 3, requests: 0, checks: 20, stackLeft: false },
    caught: { revision: 4, check: 'latency against live', weight: 10, exposureMs: 650, worstExposureMs: 21_600 },
    rollback: { millis: 58.26, lastOldAnswerMillis: 55 },
    experiment: {
      title: 'An experiment',
      run: 1,
      outcome: 'succeeded',
      seconds: 15.2,
      variants: [
        { name: 'baseline', artifact: 'npm:http-server@14.1.0', requests: 200, errors: 0, late: 0, medianMillis: 2.1 },
        { name: 'candidate', artifact: 'npm:http-server@14.1.1', requests: 200, errors: 0, late: 3, medianMillis: 2.2 },
      ],
      found: [
        "page: latency of candidate is not told from baseline's 2.1 ms: the difference is between -0.2 and 0.3 ms (95 % sure)",
      ],
      live: { requests: 3800, failed: 0 },
      left: [],
    },
    removal: { outcome: 'succeeded', seconds: 1.2 },
    dev: 'exit code 0',
    leftovers: { stacks: 0, processes: 0, leases: 0, experiments: 0, names: [] },
    audit: { events: 40, verified: true },
  };
}
