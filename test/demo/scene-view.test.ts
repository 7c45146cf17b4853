import assert from 'node:assert/strict';
import { frame, render } from '../../src/cli/views/frame.ts';
import { width } from '../../src/cli/views/text.ts';
import { keepLines } from '../../demo/keep.ts';
import type { Scene } from '../../demo/scene.ts';
import { sceneLines } from '../../demo/scene-view.ts';
import { endingLines, summaryLines } from '../../demo/summary.ts';
import { PHASES } from '../../src/domain/rollout/rollout.ts';
import { sampleReport } from './sample-report.ts';

const [FOUND = ''] = sampleReport().experiment.found;

const scene: Scene = {
  elapsedMs: 21_400,
  chapters: [
    {
      kind: 'rollout',
      title: 'First deployment',
      plot: 'r1',
      state: 'done',
      phases: [],
      ending: 'r1 is live',
      seconds: 7.4,
    },
    {
      kind: 'rollout',
      title: 'A broken release',
      plot: 'r3 serves a folder that does not exist: it must get no request at all, whatever else happens',
      state: 'running',
      phases: PHASES.map((phase) => ({ phase, state: 'pending' })),
    },
    { kind: 'rollout', title: 'A slow release', plot: 'r4 slows down', state: 'pending', phases: [] },
    { kind: 'rollout', title: 'Rollback', plot: 'back to r1', state: 'pending', phases: [] },
    {
      kind: 'experiment',
      title: 'An experiment',
      plot: 'copies',
      state: 'done',
      phases: [],
      ending: '2 variants made',
      found: FOUND,
      seconds: 15.2,
    },
  ],
  traffic: [
    { revision: 1, weight: 0, served: 2000 },
    { revision: 2, weight: 100, served: 1_234_567 },
  ],
  load: {
    total: 12_345,
    failed: 1,
    perSecond: 250,
    latency: { p50: 1, p99: 2, max: 3 },
    recent: { perSecond: 249.7, p99: 4.2 },
    answers: {},
    failures: [],
  },
  address: 'http://127.0.0.1:8080',
  temporalUi: 'http://127.0.0.1:8233',
};

const drawn = (cells: number, unicode = true): string[] => {
  const on = frame(cells, new Date(0), unicode);
  return render(sceneLines(scene, on), on, false);
};

describe("the demo's picture", () => {
  it('shows chapters, weights and counts', () => {
    const text = drawn(80).join('\n');
    assert.match(text, /^✔ 1 First deployment\s+r1 is live\s+7\.4s$/m);
    assert.match(text, /r1 is live\s+7\.4s\n◌ 2 A broken release.*…$/m);
    assert.match(text, /· validate/);
    assert.ok(text.replaceAll(/\s+/g, ' ').includes(FOUND), text);
    assert.match(text, /^12,345 requests, 1 failed\s+250\/s on http:\/\/127\.0\.0\.1:8080, p99 4ms$/m);
    assert.match(text, /^○ r1\s+░+\s+0 %\s+2,000 served$/m);
    assert.match(text, /^● r2\s+█+\s+100 %\s+1,234,567 served$/m);
  });

  for (const cells of [80, 44, 20]) {
    it(`fits ${cells} columns and 24 rows`, () => {
      const lines = drawn(cells);
      assert.ok(lines.length <= 23, `${lines.length} lines`);
      for (const line of lines) assert.ok(width(line) <= cells, line);
    });
  }

  it('makes do with ASCII', () => {
    assert.match(drawn(80, false).join(''), /^[\x20-\x7e]*$/);
  });

  it('says that there is no traffic before anything is live', () => {
    const on = frame(80, new Date(0), true);
    const text = render(sceneLines({ elapsedMs: 0, chapters: [], traffic: [] }, on), on, false).join('\n');
    assert.match(text, /No traffic yet/);
  });
});

describe("the demo's last words", () => {
  const on = frame(80, new Date(0), true);
  const summary = (change: Partial<ReturnType<typeof sampleReport>>): string =>
    render(summaryLines({ ...sampleReport(), ...change }, { report: '/r.json', logs: '/logs' }, on), on, false).join(
      '\n',
    );

  it('give the figures', () => {
    const text = summary({});
    assert.match(text, /All was as expected, in 31s/);
    assert.match(text, /6,357 at 250\/s, 0 failed; median 3ms, p99 8ms, slowest 41ms/);
    assert.match(text, /r3 got 0 requests/);
    assert.match(text, /58ms from the call/);
    assert.match(text, /Experiment: page: latency of candidate is not told from baseline's 2\.1 ms: the/);
    assert.match(text, /0 stacks, 0 processes, 0 leases, 0 experiments/);
    assert.match(text, /40 events, chain verified/);
    assert.doesNotMatch(text, /logs/);
  });

  it('name what was not as expected, and where the logs are', () => {
    const text = summary({ ok: false, faults: ['it rained', 'it poured'] });
    assert.match(text, /Not as expected:\n {2}- it rained\n {2}- it poured/);
    assert.match(text, /\/logs/);
  });

  it('leave out what the story did not get to', () => {
    const text = summary({
      refused: { revision: 0, requests: 0, checks: 0, stackLeft: false },
      rollback: { millis: 0, lastOldAnswerMillis: 0 },
      experiment: { ...sampleReport().experiment, run: 0 },
    });
    assert.doesNotMatch(text, /Refused|Rollback|Experiment/);
  });

  it('say of an early end whether anything is left', () => {
    const text = (left: Parameters<typeof endingLines>[0]) => render(endingLines(left), on, false).join('\n');
    assert.match(text({ stacks: [], processes: [] }), /nothing that was started is left/);
    assert.match(text({ stacks: ['web-production-r1'], processes: [7] }), /could not end.*web-production-r1, pid 7/);
  });

  it('say how to look around while it is left running', () => {
    const kept = {
      dataDir: '.demo',
      service: { name: 'web', environment: 'production' },
      experiment: { name: 'trial', environment: 'production' },
      temporalUi: 'http://ui',
    };
    const text = render(keepLines(kept, on), on, false).join('\n');
    assert.match(text, /npx supplant status web\/production --data \.demo/);
    assert.match(text, /npx supplant results show trial\/production --data \.demo/);
    assert.match(text, /http:\/\/ui/);
    assert.match(text, /Ctrl-C/);
  });
});
