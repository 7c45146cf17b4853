import type { HistoryView } from '../../src/contract/supplant-client.ts';
import type { RevisionStatus, RolloutStatus, ServiceView } from '../../src/domain/rollout/status.ts';
import * as sample from './sample-views.ts';

const [passed, ...others] = sample.CANARY.verdicts;

/** r17 beside r18, a fresh copy of r16. */
export const BESIDE: RolloutStatus = {
  ...sample.CANARY,
  baseline: 18,
  plan: { ...sample.CANARY.plan!, baselineMs: 620_000 },
  verdicts: [passed!, { ...passed!, revision: 18 }, ...others],
};

const [newest, before] = sample.BAKING_VIEW.status.revisions;
const { number: _number, ...released } = before!;
const { warmUntil: _until, ...copied } = released;
const { route } = sample.BAKING_VIEW;
const [first, second] = route!.targets;

const REVISIONS: RevisionStatus[] = [
  { ...copied, number: 18, state: 'ready', since: newest!.since, endpoints: ['http://127.0.0.1:43122'], copyOf: 16 },
  { ...newest!, state: 'ready' },
  { ...copied, number: 16, state: 'live' },
];

export const BESIDE_VIEW: ServiceView = {
  ...sample.BAKING_VIEW,
  rollout: BESIDE,
  status: { ...sample.BAKING_VIEW.status, live: 16, revisions: REVISIONS },
  route: {
    ...route!,
    targets: [
      { ...first!, weight: 50 },
      { ...first!, revision: 18, weight: 49, served: 1_181 },
      { ...second!, weight: 1, failed: 0 },
    ],
  },
};

export const BESIDE_HISTORY: HistoryView = {
  ...sample.HISTORY,
  revisions: [
    { ...sample.HISTORY.revisions[0]!, number: 18, state: 'retired', copyOf: 16 },
    ...sample.HISTORY.revisions,
  ],
};
