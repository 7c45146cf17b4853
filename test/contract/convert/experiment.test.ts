import assert from 'node:assert/strict';
import { type DescMessage, type MessageInitShape, type MessageShape, create } from '@bufbuild/protobuf';
import { fromBinary, fromJson, toBinary, toJson } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { fromResults, toResults } from '../../../src/contract/convert/experiment/results.ts';
import { fromRun, toRun } from '../../../src/contract/convert/experiment/run.ts';
import { fromExperimentSpec, toExperimentSpec } from '../../../src/contract/convert/experiment/spec.ts';
import { fromExperiment, toExperiment } from '../../../src/contract/convert/experiment/view.ts';
import { fromReport, toReport } from '../../../src/contract/convert/reaper.ts';
import {
  ExperimentRunSchema,
  ExperimentSchema,
  ExperimentSpecSchema,
  GetExperimentResultsResponseSchema,
} from '../../../src/contract/gen/supplant/v1/experiments_pb.ts';
import { GetReaperReportResponseSchema } from '../../../src/contract/gen/supplant/v1/reaper_pb.ts';
import { parseExperimentName, parseRunName, names } from '../../../src/contract/names.ts';
import { ApiError } from '../../../src/contract/supplant-client.ts';
import { Faults } from '../../../src/gateway/faults.ts';
import { readExperimentDescription } from '../../../src/gateway/read-experiment.ts';
import { FINDING_VERDICTS } from '../../../src/domain/reaper/finding.ts';
import { someExperiment as spec } from '../../config/experiment/arbitrary.ts';
import { someDate } from '../../domain/arbitrary.ts';
import { someExperiment, someResults, someRunStatus } from '../../domain/experiment/arbitrary.ts';

/** Over the wire and back, by both of its formats. */
function sent<Desc extends DescMessage>(desc: Desc, init: MessageInitShape<Desc>): MessageShape<Desc> {
  const message = create(desc, init);
  const received = fromBinary(desc, toBinary(desc, message));
  assert.deepEqual(fromJson(desc, toJson(desc, message)), received);
  return received;
}

function same(found: unknown, wanted: unknown): void {
  assert.deepEqual(JSON.parse(JSON.stringify(found)), JSON.parse(JSON.stringify(wanted)));
}

const time = someDate.map((date) => date.toISOString());
const text = fc.string({ minLength: 1, unit: 'grapheme' });
const runView = fc.record(
  { status: someRunStatus, sentences: fc.array(text, { maxLength: 3 }), uiLink: text },
  { requiredKeys: ['status', 'sentences'], noNullPrototype: true },
);

describe('contract: what is sent of experiments', () => {
  it('says of a description all that it says', () => {
    const property = fc.property(spec, (given) => {
      same(fromExperimentSpec(sent(ExperimentSpecSchema, toExperimentSpec(given))), given);
    });
    fc.assert(property);
  });

  it('is read as the description that it was made from', () => {
    const property = fc.property(spec, (given) => {
      const message = sent(ExperimentSpecSchema, toExperimentSpec(given));
      const faults = new Faults();
      same(faults.settle(readExperimentDescription(faults, { case: 'spec', value: message })), given);
    });
    fc.assert(property);
  });

  it('says where a fault is in the message', () => {
    const faults = new Faults();
    const message = create(ExperimentSpecSchema, {
      experiment: 'Nightly',
      environment: 'production',
      variants: [
        { name: 'blue', source: { case: 'like', value: { name: 'web' } } },
        { name: 'green', source: { case: 'release', value: { artifact: '', blueprint: { name: 'local-process' } } } },
      ],
    });
    assert.throws(
      () => faults.settle(readExperimentDescription(faults, { case: 'spec', value: message })),
      (error) => {
        assert.ok(error instanceof ApiError);
        const paths = error.faults.map(({ path }) => path);
        assert.deepEqual(paths.toSorted(), [
          'spec.experiment',
          'spec.ttl',
          'spec.variants[0].like.name',
          'spec.variants[1].release.artifact',
        ]);
        return true;
      },
    );
  });

  it('says of a run all that it says', () => {
    fc.assert(fc.property(runView, (given) => same(fromRun(sent(ExperimentRunSchema, toRun(given))), given)));
  });

  it('says of an experiment all that it says', () => {
    const view = fc.record(
      {
        spec,
        paused: fc.record({ by: text, at: time, reason: text }, { requiredKeys: ['by', 'at'], noNullPrototype: true }),
        nextRuns: fc.array(time, { maxLength: 3 }),
        openRuns: fc.array(runView, { maxLength: 2 }),
        lastRun: runView,
        warnings: fc.array(text, { maxLength: 2 }),
      },
      { requiredKeys: ['spec', 'nextRuns', 'openRuns', 'warnings'], noNullPrototype: true },
    );
    const property = fc.property(view, (given) => {
      same(fromExperiment(sent(ExperimentSchema, toExperiment(given))), given);
    });
    fc.assert(property, { numRuns: 50 });
  });

  it('says of results all that they say', () => {
    const property = fc.property(someResults, (given) => {
      const message = sent(GetExperimentResultsResponseSchema, toResults(given));
      same(fromResults(given, message), given);
    });
    fc.assert(property);
  });

  it('says of a report of the reaper all that it says', () => {
    const finding = fc.record(
      {
        project: text,
        stack: text,
        verdict: fc.constantFrom(...FINDING_VERDICTS),
        owner: text,
        because: text,
        foundAt: time,
        dueAt: time,
        attempts: fc.nat(20),
        lastError: text,
        suggestion: text,
      },
      { requiredKeys: ['project', 'stack', 'verdict', 'because', 'attempts'], noNullPrototype: true },
    );
    const report = fc.record(
      {
        findings: fc.array(finding, { maxLength: 3 }),
        owned: fc.nat(100),
        lookedAt: time,
        nextLookAt: time,
        trouble: text,
      },
      { requiredKeys: ['findings', 'owned'], noNullPrototype: true },
    );
    const property = fc.property(report, (given) => {
      same(fromReport(sent(GetReaperReportResponseSchema, toReport(given))), given);
    });
    fc.assert(property);
  });

  it('names experiments and runs so that they are read again', () => {
    const property = fc.property(someExperiment, fc.integer({ min: 1, max: 999_999_999 }), (experiment, run) => {
      assert.deepEqual(parseExperimentName(names.experiment(experiment)), { ok: true, value: experiment });
      assert.deepEqual(parseRunName(names.run({ experiment, run })), { ok: true, value: { experiment, run } });
    });
    fc.assert(property);
  });

  it('says what a name has to be', () => {
    const wanted = (parsed: ReturnType<typeof parseExperimentName>) => (parsed.ok ? '' : parsed.wanted);
    assert.equal(wanted(parseExperimentName('nightly/production')), 'experiments/nightly/environments/production');
    assert.match(wanted(parseExperimentName('experiments/Nightly/environments/x')), /such as experiments\/nightly/);
    const run = parseRunName('experiments/nightly/environments/production/runs/r1');
    assert.match(run.ok ? '' : run.wanted, /runs\/12$/);
  });
});
