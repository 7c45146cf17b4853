import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { renderDetails } from '../../../src/domain/rollout/details.ts';
import { ISO_TIMES, type TimeWords, describeAim, narrateRollout } from '../../../src/domain/rollout/narrate.ts';
import type { RolloutStatus } from '../../../src/domain/rollout/status.ts';
import { frame, render } from '../../../src/cli/views/frame.ts';
import { renderVerdicts } from '../../../src/cli/views/rollout.ts';
import {
  BAKING,
  CANARY,
  CANARY_FAILED,
  METRICS_FAILED,
  NOW,
  REFUSED,
  ROLLED_BACK,
  SUCCEEDED,
} from '../../doubles/sample-views.ts';

/** Tells every moment alike, so that what differs is the words. */
const NO_TIMES: TimeWords = {
  at: () => 'T',
  since: () => 'since T',
  until: () => 'until T at the latest',
  running: () => 'T',
  ended: () => 'T',
  moment: () => 'T',
};

const ALL: [string, RolloutStatus][] = Object.entries({
  BAKING,
  CANARY,
  CANARY_FAILED,
  REFUSED,
  ROLLED_BACK,
  SUCCEEDED,
});

describe('a rollout in words', () => {
  it('is told for programs with moments as they are', () => {
    const told = narrateRollout(REFUSED, ISO_TIMES).join('\n');
    assert.match(told, new RegExp(`failed at ${REFUSED.endedAt ?? ''}`));
    assert.doesNotMatch(told, / ago|\bin \d/);
  });

  it('says of what a dry run found that nothing follows from it', () => {
    const [passed] = SUCCEEDED.verdicts;
    assert.ok(passed);
    const status: RolloutStatus = { ...SUCCEEDED, verdicts: [{ ...passed, verdict: 'fail', isDryRun: true }] };
    const told = narrateRollout(status, ISO_TIMES).join('\n');
    assert.match(told, /^Check answers of r17 failed, in a dry run, from which nothing follows: 3 attempts/m);
    assert.match(renderDetails(status), /check \*\*answers\*\*, validate: fail \(dry run\) — GET/);
    const [shown] = renderVerdicts(status.verdicts, frame(80, NOW, true), '');
    assert.match(
      render([shown ?? []], frame(80, NOW, true), false).join(),
      /answers {2}fail, 3 of 3 passed {2}dry run$/,
    );
  });

  for (const [name, status] of ALL) {
    it(`is told in the same words whoever reads it: ${name}`, () => {
      const isMoment = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;
      const strip = (text: string): string =>
        text.replaceAll(isMoment, 'T').replace(/ (?:since|at) T(?=\. It is in|\.$)/, ' T');
      assert.deepEqual(narrateRollout(status, ISO_TIMES).map(strip), narrateRollout(status, NO_TIMES).map(strip));
    });

    it(`has in the Temporal UI what it waits for, as elsewhere: ${name}`, () => {
      const waits = narrateRollout(status, ISO_TIMES).filter((sentence) =>
        /^(?:It waits for |This can be|Then: )/.test(sentence),
      );
      assert.ok(renderDetails(status).includes(waits.join(' ')));
      assert.equal(waits.length > 0, status.wait !== undefined);
    });
  }

  it('tells what drains cut off: how much, that nobody counted, or nothing where it was nothing', () => {
    const drain = { revision: 1, requests: 0, connections: 0, afterMs: 30_000 };
    const told = (more: object) =>
      narrateRollout({ ...SUCCEEDED, drains: [{ ...drain, ...more }] }, NO_TIMES).join('\n');
    assert.match(told({ requests: 2 }), /2 requests of r1 were cut off after a drain of 30 s\./);
    assert.match(told({ isUncounted: true }), /r1 drained for 30 s; nobody counted what was cut off then, .* cannot\./);
    assert.doesNotMatch(told({}), /r1 drained|cut off/);
  });

  it('says why stacks do not go, where that is known, and of the others that they are there', () => {
    const status = { ...SUCCEEDED, quarantined: ['web-production-r1', 'web-production-r2'] };
    const lastError = 'waits for host a-1, last seen at T';
    const quarantine = [1, 9].map((revision) => ({
      ...{ stack: `web-production-r${revision}`, revision, attempts: 1, lastError },
      ...{ since: SUCCEEDED.startedAt, nextAttemptAt: SUCCEEDED.startedAt },
    }));
    const { endedAt: _ended, outcome: _outcome, ...running } = status;
    const told = narrateRollout(running, NO_TIMES, { quarantine }).filter((sentence) =>
      /not destroyed/i.test(sentence),
    );
    assert.deepEqual(told, [
      `web-production-r1 is not destroyed yet, and tried again by itself: ${lastError}.`,
      `web-production-r9 is not destroyed yet, and tried again by itself: ${lastError}.`,
      'Not destroyed yet, and tried again by itself: web-production-r2.',
    ]);
  });

  it('does not say of a stack that went after the rollout’s end that it is there', () => {
    const status = { ...SUCCEEDED, quarantined: ['web-production-r2'] };
    const told = (facts?: Parameters<typeof narrateRollout>[2]) =>
      narrateRollout(status, NO_TIMES, facts).find((sentence) => sentence.includes('web-production-r2'));
    assert.equal(told({ quarantine: [] }), 'Could not be destroyed at first, and is gone by now: web-production-r2.');
    // Of an earlier rollout, beside which nothing is known.
    assert.match(told() ?? '', /^Not destroyed when it ended, and tried again by itself from then on: /);
  });

  it('offers abort only where that is taken', () => {
    const activity = { name: 'shift', state: 'retrying', since: 'T', attempt: 2, lastError: 'no answer' } as const;
    const { endedAt: _ended, outcome: _outcome, ...running } = { ...SUCCEEDED, phase: 'shift' as const };
    const told = (more: object) => narrateRollout({ ...running, ...more, activities: [activity] }, NO_TIMES).join('\n');
    assert.match(told({}), /until it works; abort ends it\./);
    assert.match(told({ undoing: 'shift' }), /until it works\./);
  });

  it('names what it aims at', () => {
    assert.deepEqual(
      [
        describeAim({ kind: 'deploy', revision: 7 }),
        describeAim({ kind: 'rollback', revision: 5 }),
        describeAim({ kind: 'rollback' }),
        describeAim({ kind: 'remove' }),
      ],
      ['deploy of r7', 'rollback to r5', 'rollback to the previous revision', 'removal'],
    );
  });

  it('tells what was asked for a number, beside what was answered', () => {
    const asked = /is 0\.031, of 412 samples; it may be at most 0\.02; asked sum\(increase\(\S+\)\) \/ sum\(/;
    assert.match(narrateRollout(METRICS_FAILED, NO_TIMES).join('\n'), asked);
    assert.match(renderDetails(METRICS_FAILED), asked);
  });

  it('tells a check that was judged more than once by what it was judged for', () => {
    const found = renderDetails(CANARY_FAILED)
      .split('\n')
      .filter((line) => line.startsWith('- check'));
    assert.deepEqual(
      found.map((line) => line.replace(/ — .*/, '')),
      [
        '- check **answers**, validate: pass',
        '- check **answers**, bake of step 1: pass',
        '- check **answers**, bake of step 2: fail',
      ],
    );
  });
});
