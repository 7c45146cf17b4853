import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { RUN_PHASES, type RunStatus, type RunVariant } from '../../../src/domain/experiment/run.ts';
import { type PreviewQuestion, decidePreview } from '../../../src/domain/preview/decide.ts';
import { type PreviewRequest, buildPreviewSpec } from '../../../src/domain/preview/preview.ts';

const REQUEST: PreviewRequest = {
  service: { name: 'web', environment: 'production' },
  branch: 'feature/login',
  artifact: 'npm:web@2.0.0',
};

function wanted(over: Partial<PreviewRequest> = {}) {
  return buildPreviewSpec({ ...REQUEST, ...over }, 18_100);
}

function run(over: Partial<RunStatus> = {}): RunStatus {
  const { experiment } = wanted();
  const variant: RunVariant = { name: 'preview', artifact: 'a', blueprint: 'b', endpoints: [], state: 'ready' };
  return {
    ...{ experiment, run: 3, trigger: 'person', actor: 'ada' },
    ...{ startedAt: '2026-01-01T00:00:00.000Z', deadlineAt: '2026-01-01T08:00:00.000Z', phase: 'hold' },
    phases: RUN_PHASES.map((phase) => ({ phase, state: 'pending' })),
    variants: [{ ...variant, like: { service: REQUEST.service, revision: 7 } }],
    ...over,
  };
}

function decide(over: Partial<PreviewQuestion> = {}) {
  const question: PreviewQuestion = {
    ...{ wanted: wanted(), before: { spec: wanted() }, goesOn: true, live: 7, force: false },
    newest: { status: run(), isEnding: false },
    ...over,
  };
  return decidePreview(question);
}

describe('what opening a preview comes to', () => {
  it('is a new one where there is none, or it was closed', () => {
    assert.deepEqual(decide({ before: undefined, newest: undefined, goesOn: false }), { kind: 'open' });
    const closed = { spec: wanted(), deletedAt: '2026-01-01T00:00:00.000Z' };
    assert.deepEqual(decide({ before: closed, goesOn: false }), { kind: 'open' });
  });

  it('is nothing where what is up is the same', () => {
    assert.deepEqual(decide(), { kind: 'unchanged', status: run() });
  });

  it('is a renewal where anything is different, or that is asked for', () => {
    const renew = { kind: 'renew' };
    for (const over of [
      { artifact: 'npm:web@2.0.1' },
      { patch: { blueprint: { config: { replicas: 2 } } } },
      { ttlMs: 1_000 },
      { checks: [] },
    ]) {
      assert.deepEqual(decide({ wanted: wanted(over) }), renew);
    }
    assert.deepEqual(decide({ wanted: buildPreviewSpec(REQUEST, 18_101) }), renew);
    assert.deepEqual(decide({ force: true }), renew);
    // What the service has by now is not what the copy was made from.
    assert.deepEqual(decide({ live: 8 }), renew);
  });

  it('is a renewal of what is in a folder, unless its content is named', () => {
    const named = `dir:/app#sha256:${'0'.repeat(64)}`;
    for (const [artifact, kind] of [
      ['dir:/app', 'renew'],
      [named, 'unchanged'],
    ] as const) {
      const spec = wanted({ artifact });
      assert.equal(decide({ wanted: spec, before: { spec } }).kind, kind);
    }
  });

  it('is a renewal where the last one has failed or ends, although the one before goes on', () => {
    const failed = run({ outcome: 'failed', endedAt: '2026-01-01T01:00:00.000Z' });
    assert.deepEqual(decide({ newest: { status: failed, isEnding: false } }), { kind: 'renew' });
    assert.deepEqual(decide({ newest: { status: run(), isEnding: true } }), { kind: 'renew' });
  });

  it('is opened again where it was over', () => {
    const over = run({ outcome: 'succeeded', endedAt: '2026-01-01T08:00:00.000Z' });
    assert.deepEqual(decide({ newest: { status: over, isEnding: false }, goesOn: false }), { kind: 'reopen' });
  });

  it('is refused where the name is somebody else’s, with whose', () => {
    const { preview: _none, ...experiment } = wanted();
    assert.deepEqual(decide({ before: { spec: experiment } }), {
      kind: 'refuse',
      because: `${run().experiment.name}/production is an experiment already, and no preview: delete it, or give the branch another name`,
    });
    const other = { ...wanted(), preview: { branch: 'feature/logout' } };
    const refused = decide({ before: { spec: other } });
    assert.match(
      refused.kind === 'refuse' ? refused.because : '',
      /is the preview feature\/logout of web\/production already/,
    );
  });
});
