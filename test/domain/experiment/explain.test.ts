import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { renderRunDetails } from '../../../src/domain/experiment/details.ts';
import { explainRun } from '../../../src/domain/experiment/explain.ts';
import { RUN_OUTCOMES, RUN_PHASES, type RunStatus } from '../../../src/domain/experiment/run.ts';

const NOW = new Date('2026-01-02T03:30:00.000Z');
const WEB = { name: 'web', environment: 'production' };

const RUNNING: RunStatus = {
  ...{ experiment: { name: 'nightly', environment: 'production' }, run: 12, trigger: 'person', actor: 'ada' },
  ...{ reason: 'a look', startedAt: '2026-01-02T03:00:00.000Z', deadlineAt: '2026-01-02T04:01:30.000Z' },
  phase: 'probe',
  phases: RUN_PHASES.map((phase) => ({ phase, state: 'pending' })),
  variants: [
    {
      ...{ name: 'blue', artifact: 'npm:http-server@14.1.1', blueprint: 'local-process', state: 'ready' },
      like: { service: WEB, revision: 17 },
      endpoints: [{ host: '127.0.0.1', port: 40_001 }],
      address: { host: '127.0.0.1', port: 8_090 },
    },
  ],
};

describe('a run in words', () => {
  it('says where it is, what it waits for, where its variants are, and until when', () => {
    const wait = {
      ...{ on: 'probe load, 1 of 2', since: '2026-01-02T03:29:00.000Z', until: '2026-01-02T03:31:00.000Z' },
      ...{ endedBy: 'stop', then: 'the next probe follows' },
    };
    assert.deepEqual(explainRun({ ...RUNNING, wait }, NOW), [
      'nightly/production@12, asked for by ada ("a look"), has been running since 2026-01-02T03:00:00.000Z (30m). ' +
        'It is in phase probe, 4 of 7.',
      'It waits for probe load, 1 of 2, since 2026-01-02T03:29:00.000Z (1m), until 2026-01-02T03:31:00.000Z at the latest.',
      'This can be ended by: stop.',
      'Then: the next probe follows.',
      'Variant blue (npm:http-server@14.1.1 with local-process, like r17 of web/production) is ready ' +
        'at http://127.0.0.1:40001; look at it at http://127.0.0.1:8090.',
      'Its stacks are destroyed at 2026-01-02T04:01:30.000Z at the latest, in 31m 30s; it can be extended, or stopped.',
    ]);
  });

  it('says how it ended, why, and what is left', () => {
    const variants = RUNNING.variants.map((each) => ({ ...each, state: 'gone' as const, endpoints: [] }));
    const phases = RUNNING.phases.map((each) =>
      each.phase === 'validate' ? { ...each, state: 'failed' as const, note: 'it is not healthy' } : each,
    );
    const ended: RunStatus = {
      ...{ ...RUNNING, trigger: 'schedule', variants, phases, outcome: 'failed' },
      ...{ endedAt: '2026-01-02T03:01:05.000Z', because: 'variant blue: no' },
    };
    assert.deepEqual(explainRun(ended, NOW), [
      'nightly/production@12, begun by its schedule ("a look"), failed at 2026-01-02T03:01:05.000Z after 1m 5s.',
      'Because: variant blue: no.',
      'Phase validate failed: it is not healthy.',
      'Nothing is left of its stacks.',
    ]);
    assert.match(explainRun({ ...ended, variants: RUNNING.variants }, NOW).at(-1) ?? '', /stacks of blue; the reaper/);
  });

  it('has words for every outcome, and no sentence without an end', () => {
    for (const outcome of RUN_OUTCOMES) {
      const sentences = explainRun({ ...RUNNING, outcome, endedAt: NOW.toISOString(), because: 'x' }, NOW);
      for (const sentence of sentences) assert.match(sentence, /^[A-Za-z].*\.$/);
      assert.ok(!sentences.join(' ').includes('undefined'));
    }
  });

  it('is told in the Temporal UI as a table of its phases and a list of its variants', () => {
    const phases = RUNNING.phases.map((each) => (each.phase === 'lease' ? { ...each, note: 'a|b\nc' } : each));
    const details = renderRunDetails({ ...RUNNING, phases }, NOW);
    assert.match(details, /^\*\*nightly\/production@12\*\*: in phase \*\*probe\*\*/);
    assert.ok(details.includes('| · | lease | a\\|b c |'));
    assert.ok(
      details.includes('- **blue** (npm:http-server@14.1.1): ready — http://127.0.0.1:40001, http://127.0.0.1:8090'),
    );
    assert.match(renderRunDetails({ ...RUNNING, outcome: 'failed', because: 'x' }, NOW), /: \*\*failed\*\* — x/);
  });
});
