import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { RUN_PHASES, type RunStatus } from '../../../src/domain/experiment/run.ts';
import type { RunView } from '../../../src/domain/experiment/view.ts';
import { buildPreviewSpec } from '../../../src/domain/preview/preview.ts';
import { buildPreviewView } from '../../../src/domain/preview/view.ts';

const spec = buildPreviewSpec(
  { service: { name: 'web', environment: 'production' }, branch: 'login', artifact: 'npm:web@2.0.0' },
  18_100,
);

function run(number: number, over: Partial<RunStatus> = {}, port?: number): RunView {
  const address = port === undefined ? {} : { address: { host: '127.0.0.1', port } };
  const status: RunStatus = {
    ...{ experiment: spec.experiment, run: number, trigger: 'person', actor: 'ada', phase: 'provision' },
    ...{ startedAt: '2026-01-01T00:00:00.000Z', deadlineAt: `2026-01-01T0${number}:00:00.000Z` },
    phases: RUN_PHASES.map((phase) => ({ phase, state: 'pending' })),
    variants: [{ name: 'preview', artifact: 'a', blueprint: 'b', endpoints: [], state: 'ready', ...address }],
    ...over,
  };
  return { status, sentences: [] };
}

function over(number: number, outcome: RunStatus['outcome'], because?: string): RunView {
  const why = because === undefined ? {} : { because };
  return run(number, { ...why, ...(outcome ? { outcome } : {}), endedAt: '2026-01-01T00:30:00.000Z' });
}

const up = run(1, { phase: 'hold' }, 18_100);

describe('how a preview is', () => {
  it('is by what goes on', () => {
    const state = (...open: RunView[]) => {
      const { state: word, url } = buildPreviewView(spec, open);
      return [word, url];
    };
    const url = 'http://127.0.0.1:18100';
    assert.deepEqual(state(), ['down', undefined]);
    assert.deepEqual(state(run(1)), ['opening', undefined]);
    assert.deepEqual(state(up), ['up', url]);
    assert.deepEqual(state(up, run(2)), ['renewing', url]);
    assert.deepEqual(state(up, run(2, { phase: 'hold' }, 18_100)), ['up', url]);
    assert.deepEqual(state(up, run(2, { phase: 'destroy' })), ['up', url]);
    assert.deepEqual(state(run(1, { phase: 'destroy' }, 18_100)), ['closing', undefined]);
  });

  it('says until when, and of one that is over when it is forgotten', () => {
    assert.equal(buildPreviewView(spec, [up]).expiresAt, '2026-01-01T01:00:00.000Z');
    const view = buildPreviewView(spec, [], over(1, 'succeeded'));
    assert.deepEqual([view.expiresAt, view.forgottenAt], [undefined, '2026-01-08T00:30:00.000Z']);
    assert.deepEqual(view.sentences, [
      'login of web/production is down: there is nothing at port 18100.',
      'Its last run, web-login/production@1, ended with its TTL at 2026-01-01T00:30:00.000Z.',
    ]);
  });

  it('says that a renewal has failed, and what is up in its place', () => {
    const view = buildPreviewView(spec, [up], over(2, 'failed', 'variant preview is not healthy'));
    assert.deepEqual(
      view.runs.map(({ status }) => status.run),
      [1, 2],
    );
    assert.deepEqual(view.sentences, [
      'login of web/production is up at http://127.0.0.1:18100 until 2026-01-01T01:00:00.000Z.',
      'Its last run, web-login/production@2, has failed at 2026-01-01T00:30:00.000Z: variant preview is not healthy.',
    ]);
  });

  it('says nothing of runs that were before what is up', () => {
    const view = buildPreviewView(spec, [run(2, { phase: 'hold' }, 18_100)], over(1, 'replaced'));
    assert.deepEqual([view.runs.length, view.sentences.length], [1, 1]);
  });

  it('says where it is where its own port could not be had', () => {
    const [sentence] = buildPreviewView(spec, [run(1, { phase: 'hold' }, 40_000)]).sentences;
    assert.match(sentence ?? '', /is up at http:\/\/127\.0\.0\.1:40000 .*; its own port 18100 could not be had\.$/);
  });
});
