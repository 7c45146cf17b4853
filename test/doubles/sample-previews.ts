import type { RunStatus } from '../../src/domain/experiment/run.ts';
import type { RunView } from '../../src/domain/experiment/view.ts';
import { type PreviewRequest, buildPreviewSpec } from '../../src/domain/preview/preview.ts';
import { type PreviewView, buildPreviewView } from '../../src/domain/preview/view.ts';
import { PROBING } from './sample-experiments.ts';
import { SERVICE, secondsAgo } from './sample-views.ts';

export const PREVIEW_REQUEST: PreviewRequest = {
  service: SERVICE,
  branch: 'feature/Login_2',
  artifact: 'npm:web@2.0.0-login.4',
};

export const PREVIEW_SPEC = buildPreviewSpec(PREVIEW_REQUEST, 18_203);

function run(number: number, phase: RunStatus['phase'], over: Partial<RunStatus> = {}): RunView {
  const isUp = phase === 'hold';
  const address = isUp ? { address: { host: '127.0.0.1', port: 18_203 } } : {};
  const at = RUN_ORDER.indexOf(phase);
  const status: RunStatus = {
    ...{ experiment: PREVIEW_SPEC.experiment, run: number, trigger: 'person', actor: 'ci' },
    ...{ startedAt: secondsAgo(90), deadlineAt: secondsAgo(-28_000), phase },
    phases: PROBING.status.phases.map(({ phase: each }, index) =>
      index < at
        ? { phase: each, state: 'done', startedAt: secondsAgo(80), endedAt: secondsAgo(70) }
        : {
            phase: each,
            state: index === at ? 'running' : 'pending',
            ...(index === at ? { startedAt: secondsAgo(60) } : {}),
          },
    ),
    variants: [
      {
        ...{ name: 'preview', artifact: PREVIEW_REQUEST.artifact, blueprint: 'local-process' },
        like: { service: SERVICE, revision: 17 },
        endpoints: isUp ? [{ host: '127.0.0.1', port: 41_000 }] : [],
        state: isUp ? 'ready' : 'provisioning',
        ...address,
      },
    ],
    ...over,
  };
  return { status, sentences: [] };
}

const RUN_ORDER = ['lease', 'provision', 'validate', 'probe', 'compare', 'hold', 'destroy'];

const failed = run(4, 'validate', {
  outcome: 'failed',
  because: 'variant preview is not healthy: check answers failed: answered 500, wanted 200',
  endedAt: secondsAgo(20),
  variants: [],
});

export const OPENING_PREVIEW: PreviewView = buildPreviewView(PREVIEW_SPEC, [run(3, 'provision')]);
export const UP_PREVIEW: PreviewView = buildPreviewView(PREVIEW_SPEC, [run(3, 'hold')]);
export const RENEWING_PREVIEW: PreviewView = buildPreviewView(PREVIEW_SPEC, [run(3, 'hold'), run(4, 'provision')]);
export const BROKEN_PREVIEW: PreviewView = buildPreviewView(PREVIEW_SPEC, [run(3, 'hold')], failed);
export const DOWN_PREVIEW: PreviewView = buildPreviewView(
  buildPreviewSpec({ ...PREVIEW_REQUEST, branch: '#123' }, 18_204),
  [],
  run(2, 'hold', { outcome: 'succeeded', endedAt: secondsAgo(3_600), variants: [] }),
);
