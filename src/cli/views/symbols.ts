import type { RunOutcome, RunVariant } from '../../domain/experiment/run.ts';
import type { DriftState } from '../../domain/drift/state.ts';
import type { HostState } from '../../domain/hosts/host.ts';
import type { PreviewState } from '../../domain/preview/view.ts';
import type { FindingVerdict } from '../../domain/reaper/finding.ts';
import type { RevisionState } from '../../domain/service/revision.ts';
import type { RolloutOutcome } from '../../domain/rollout/rollout.ts';
import type { PhaseState } from '../../domain/rollout/status.ts';
import type { Verdict } from '../../domain/evidence/checks.ts';
import type { Tone } from './text.ts';

/** The marks of a view; one terminal cell each. */
export interface Symbols {
  done: string;
  running: string;
  failed: string;
  skipped: string;
  pending: string;
  live: string;
  warm: string;
  gone: string;
  unknown: string;
  warning: string;
  ellipsis: string;
  dot: string;
  branch: string;
  last: string;
  pipe: string;
}

export const UNICODE: Symbols = {
  done: '✔',
  running: '◌',
  failed: '✖',
  skipped: '–',
  pending: '·',
  live: '●',
  warm: '○',
  gone: '×',
  unknown: '?',
  warning: '!',
  ellipsis: '…',
  dot: '·',
  branch: '├─ ',
  last: '└─ ',
  pipe: '│  ',
};

export const ASCII: Symbols = {
  done: '+',
  running: '~',
  failed: 'x',
  skipped: '-',
  pending: '.',
  live: '*',
  warm: 'o',
  gone: 'x',
  unknown: '?',
  warning: '!',
  ellipsis: '~',
  dot: '-',
  branch: '|- ',
  last: '`- ',
  pipe: '|  ',
};

export type Mark = readonly [symbol: keyof Symbols, tone: Tone];

export const DRIFT_MARKS: Record<DriftState, Mark> = {
  none: ['done', 'good'],
  drifted: ['failed', 'bad'],
  acknowledged: ['warning', 'busy'],
  unknown: ['unknown', 'busy'],
};

export const PHASE_MARKS: Record<PhaseState, Mark> = {
  done: ['done', 'good'],
  running: ['running', 'busy'],
  failed: ['failed', 'bad'],
  skipped: ['skipped', 'faint'],
  pending: ['pending', 'faint'],
};

export const REVISION_MARKS: Record<RevisionState, Mark> = {
  provisioning: ['running', 'busy'],
  ready: ['done', 'good'],
  live: ['live', 'good'],
  warm: ['warm', 'accent'],
  retired: ['gone', 'faint'],
  failed: ['failed', 'bad'],
};

/** Of one whose stack could not be destroyed yet. */
export const QUARANTINE_MARK: Mark = ['failed', 'bad'];

export const OUTCOME_MARKS: Record<RolloutOutcome, Mark> = {
  succeeded: ['done', 'good'],
  failed: ['failed', 'bad'],
  'rolled-back': ['failed', 'bad'],
  aborted: ['failed', 'bad'],
};

export const RUN_OUTCOME_MARKS: Record<RunOutcome, Mark> = {
  succeeded: ['done', 'good'],
  failed: ['failed', 'bad'],
  stopped: ['gone', 'faint'],
  expired: ['failed', 'bad'],
  replaced: ['gone', 'faint'],
  skipped: ['skipped', 'faint'],
  lost: ['unknown', 'bad'],
};

export const VARIANT_MARKS: Record<RunVariant['state'], Mark> = {
  leased: ['pending', 'faint'],
  provisioning: ['running', 'busy'],
  ready: ['live', 'good'],
  destroying: ['running', 'busy'],
  gone: ['gone', 'faint'],
};

export const PREVIEW_MARKS: Record<PreviewState, Mark> = {
  opening: ['running', 'busy'],
  up: ['live', 'good'],
  renewing: ['live', 'busy'],
  closing: ['running', 'busy'],
  down: ['gone', 'faint'],
};

export const HOST_MARKS: Record<HostState, Mark> = {
  live: ['live', 'good'],
  away: ['warning', 'bad'],
  forgotten: ['gone', 'faint'],
  unknown: ['unknown', 'bad'],
};

export const FINDING_MARKS: Record<FindingVerdict, Mark> = {
  owned: ['done', 'good'],
  condemned: ['warning', 'busy'],
  reaping: ['running', 'busy'],
  'given-up': ['failed', 'bad'],
};

export const VERDICT_MARKS: Record<Verdict['verdict'], Mark> = {
  pass: ['done', 'good'],
  fail: ['failed', 'bad'],
  inconclusive: ['unknown', 'bad'],
};
