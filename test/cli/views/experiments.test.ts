import assert from 'node:assert/strict';
import fc from 'fast-check';
import { renderRunChanges } from '../../../src/cli/views/experiment/changes.ts';
import { describeTimes, renderExperiment, renderExperiments } from '../../../src/cli/views/experiment/experiment.ts';
import { renderRunHistory } from '../../../src/cli/views/experiment/history.ts';
import { renderResults, renderResultsList } from '../../../src/cli/views/experiment/results.ts';
import { renderRun } from '../../../src/cli/views/experiment/run.ts';
import type { Frame } from '../../../src/cli/views/frame.ts';
import { renderReaperReport } from '../../../src/cli/views/reaper.ts';
import { type Line, width } from '../../../src/cli/views/text.ts';
import * as drills from '../../doubles/sample-drills.ts';
import * as sample from '../../doubles/sample-experiments.ts';
import { describeViews, drawn } from './describe-views.ts';

const [first, second, last] = sample.RUN_LOOKS;

const VIEWS: Record<string, (on: Frame) => Line[]> = {
  'experiment-status-running': (on) => renderExperiment(sample.RUNNING_EXPERIMENT, on),
  'experiment-status-idle': (on) => renderExperiment(sample.IDLE_EXPERIMENT, on),
  'experiment-status-paused': (on) => renderExperiment(sample.PAUSED_EXPERIMENT, on),
  'experiment-list': (on) => renderExperiments([sample.RUNNING_EXPERIMENT, sample.PAUSED_EXPERIMENT], on),
  'experiment-status-drill': (on) => renderExperiment(drills.DRILL_EXPERIMENT, on),
  'experiment-run-drilling': (on) => renderRun(drills.DRILLING, on),
  'experiment-run-disproven': (on) => renderRun(drills.DISPROVEN_RUN, on),
  'experiment-list-empty': (on) => renderExperiments([], on),
  'experiment-run-probing': (on) => renderRun(sample.PROBING, on),
  'experiment-run-failed': (on) => renderRun(sample.FAILED_RUN, on),
  'experiment-run-skipped': (on) => renderRun(sample.SKIPPED_RUN, on),
  'experiment-history': (on) => renderRunHistory([sample.SUCCEEDED_RUN, sample.FAILED_RUN, sample.SKIPPED_RUN], on),
  'experiment-history-empty': (on) => renderRunHistory([], on),
  'experiment-run-lines': (on) => [
    ...renderRunChanges(undefined, first!.status, on),
    ...renderRunChanges(first!.status, second!.status, on),
    ...renderRunChanges(second!.status, last!.status, on),
    ...renderRunChanges(undefined, sample.SKIPPED_RUN.status, on),
  ],
  results: (on) => renderResults({ run: sample.SUCCEEDED_RUN, results: plain(on) }, on),
  'results-empty': (on) =>
    renderResults({ run: sample.PROBING, results: { ...sample.RESULTS, measurements: [], comparisons: [] } }, on),
  'results-list': (on) =>
    renderResultsList(
      [
        { run: sample.SUCCEEDED_RUN, results: sample.RESULTS },
        { run: sample.FAILED_RUN, results: { ...sample.RESULTS, comparisons: [] } },
        { run: sample.SKIPPED_RUN },
      ],
      on,
    ),
  'results-list-empty': (on) => renderResultsList([], on),
  'reaper-report': (on) => renderReaperReport(sample.REPORT, on),
  'reaper-report-empty': (on) => renderReaperReport({ findings: [], owned: 3 }, on),
  'reaper-report-trouble': (on) =>
    renderReaperReport({ findings: [], owned: 0, trouble: 'the stacks of production cannot be listed' }, on),
};

/** What others say in words is as it is, but for what ASCII lacks. */
function plain({ symbols }: Frame): typeof sample.RESULTS {
  if (symbols.dot !== '-') return sample.RESULTS;
  const ascii = (text: string): string => text.replaceAll(/[^ -~]/g, '-');
  const comparisons = sample.RESULTS.comparisons.map((each) => ({ ...each, test: ascii(each.test) }));
  return { ...sample.RESULTS, comparisons };
}

describe('views of experiments', () => {
  describeViews(VIEWS);

  it('never let text of others move the cursor or exceed the width', () => {
    const text = fc.string({ unit: 'binary', maxLength: 60 });
    fc.assert(
      fc.property(text, text, fc.integer({ min: 20, max: 90 }), (because, artifact, cells) => {
        const { status } = sample.FAILED_RUN;
        const variants = status.variants.map((variant) => ({ ...variant, artifact }));
        const run = { ...sample.FAILED_RUN, status: { ...status, because, reason: artifact, variants } };
        const experiment = { ...sample.IDLE_EXPERIMENT, lastRun: run, warnings: [because] };
        const report = {
          ...sample.REPORT,
          findings: [{ ...sample.REPORT.findings[1]!, because, lastError: artifact }],
        };
        const views = (on: Frame) => [
          ...renderExperiment(experiment, on),
          ...renderRun(run, on),
          ...renderRunHistory([run], on),
          ...renderReaperReport(report, on),
        ];
        for (const one of drawn(views, cells, true)) {
          // eslint-disable-next-line no-control-regex
          assert.doesNotMatch(one, /[\u0000-\u001f\u007f-\u009f]/);
          assert.ok(width(one) <= cells);
        }
      }),
    );
  });

  it('say when an experiment runs', () => {
    assert.equal(
      describeTimes({
        every: { everyMs: 3_600_000, offsetMs: 600_000 },
        jitterMs: 60_000,
        startAt: '2026-12-01T00:00:00.000Z',
        endAt: '2027-01-01T00:00:00.000Z',
      }),
      'every 1h, 10m later, put off by up to 1m, from 2026-12-01T00:00:00.000Z, until 2027-01-01T00:00:00.000Z',
    );
  });
});
