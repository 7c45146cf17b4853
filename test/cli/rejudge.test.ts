import assert from 'node:assert/strict';
import { recordAnalysis } from '../../src/domain/evidence/judge/record.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { type Answers, RecordingClient } from '../doubles/recording-client.ts';
import { runCommand } from '../doubles/recording-context.ts';
import { BAKING_VIEW, IDLE_VIEW, SUCCEEDED, secondsAgo } from '../doubles/sample-views.ts';
import { LIMIT, SUBJECT, counted, pair, progressOf } from '../domain/evidence/judge/samples.ts';
import { assertGolden } from './golden.ts';

const record = recordAnalysis(progressOf(LIMIT, pair(counted(1_000, 60))), {
  ...{ spec: LIMIT, subject: SUBJECT, from: secondsAgo(900), to: secondsAgo(300) },
});

function measured(step: number) {
  return {
    ...{ seq: step, at: secondsAgo(300), key: `k${step}`, type: 'analysis.measured', subject: 'web/production' },
    ...{ rollout: 'web/production#12', actor: 'ada@laptop', previousHash: '', hash: '' },
    data: { step, record: record as unknown as JsonObject },
  };
}

const { status } = IDLE_VIEW;
const lenient = { ...status.spec.strategy, analysis: { ...LIMIT, errorsAtMost: 0.07 } };
const view = { ...IDLE_VIEW, status: { ...status, spec: { ...status.spec, strategy: lenient } } };

const ANSWERS: Answers = { views: [view], rollouts: [SUCCEEDED], audit: [measured(1), measured(2)] };

async function ask(args: readonly string[], answers: Answers = ANSWERS) {
  return runCommand(['rejudge', ...args], { client: new RecordingClient(answers) });
}

describe('supplant rejudge', () => {
  it('judges each step by the rules it had, and by those of now', async () => {
    const ran = await ask(['web/production', '12']);
    assert.equal(ran.code, 0, ran.stderr.text);
    assertGolden('rejudge', ran.stdout.text);
  });

  it('writes JSON for programs', async () => {
    const ran = await ask(['web/production', '-o', 'json']);
    const { rollout, steps } = JSON.parse(ran.stdout.text) as {
      rollout: string;
      steps: { step: number; before: { verdict: string }[]; now: { verdict: string }[] }[];
    };
    assert.equal(rollout, 'web/production#12');
    assert.deepEqual(
      steps.map(({ step, before, now }) => [step, before[0]?.verdict, now[0]?.verdict]),
      [
        [1, 'fail', 'pass'],
        [2, 'fail', 'pass'],
      ],
    );
  });

  it('says so where the service has no rules any more', async () => {
    const ran = await ask(['web/production'], { ...ANSWERS, views: [IDLE_VIEW] });
    assert.match(ran.stdout.text, /by the rules of now: there is no strategy.analysis/);
  });

  it('says so where nothing was analysed', async () => {
    const ran = await ask(['web/production', '12'], { ...ANSWERS, views: [BAKING_VIEW], audit: [] });
    assert.equal(ran.code, 2);
    assert.match(ran.stderr.text.replaceAll(/\s+/g, ' '), /nothing is recorded of an analysis of web\/production#12/);
    assert.equal((await ask(['web/production', 'twelve'])).code, 2);
  });
});
