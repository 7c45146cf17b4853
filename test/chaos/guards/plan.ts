import fc from 'fast-check';
import { GATE_PHASES, type GatePhase } from '../../../src/domain/gates/gate.ts';
import { HOOK_FAILURE_POLICIES, type HookFailurePolicy, type HookMoment } from '../../../src/domain/hooks/hook.ts';
import { PHASES, type Phase } from '../../../src/domain/rollout/rollout.ts';

/** What becomes of an approval: whoever is asked says yes or no, or never hears of it. */
export const APPROVAL_FATES = ['approved', 'rejected', 'ignored'] as const;
export type ApprovalFate = (typeof APPROVAL_FATES)[number];

/** What a webhook that is asked about a gate says: `open` at once, or at the second asking after it was closed or broken. */
export const WEBHOOK_FATES = ['open', 'closed-first', 'errors-first', 'refused'] as const;
export type WebhookFate = (typeof WEBHOOK_FATES)[number];

/** How a hook answers: its second repeat at the latest is a success, but for one that fails. */
export const HOOK_STYLES = [
  'promptly',
  'slowly',
  'errors-first',
  'in-progress-first',
  'silent-first',
  'fails',
] as const;
export type HookStyle = (typeof HOOK_STYLES)[number];

/** A gate that one deployment comes to. */
export type GatePlan = { before: GatePhase; everyStep?: true } & (
  | {
      kind: 'approval';
      least: number;
      fate: ApprovalFate;
      delayMs: number;
      /** It is said in the moment of a fault, where one strikes in time. */
      withFault: boolean;
      /** What follows where nobody says anything. */
      then: 'rollback' | 'proceed';
    }
  | { kind: 'window'; opensInMs: number }
  | { kind: 'webhook'; fate: WebhookFate }
);

export interface HookPlan {
  moment: HookMoment;
  phase: Phase;
  style: HookStyle;
  onFailure: HookFailurePolicy;
  /** Rollbacks tell it, too. */
  ofRollbacks: boolean;
}

/** What one deployment waits for, and whom it tells. */
export interface Guards {
  gate?: GatePlan;
  hooks: HookPlan[];
}

/** What a run's deployments have in common. */
export interface GuardedRun {
  /** What revisions share is changed with each of them, in two parts. */
  migrations?: { expand: HookStyle; contract: HookStyle };
  /** Of the deployments after the first one, in order. */
  deployments: Guards[];
  /** Somebody else's programs are down for a while. */
  outages: { step: number; delayMs: number; holdMs: number }[];
}

const before = fc.constantFrom(...GATE_PHASES);
const everyStep = fc.nat(2).map((share) => share === 0);

const approval = fc.record({
  kind: fc.constant('approval' as const),
  before,
  everyStep,
  least: fc.integer({ min: 1, max: 2 }),
  fate: fc.constantFrom<ApprovalFate>('approved', 'approved', 'approved', 'rejected', 'ignored'),
  delayMs: fc.integer({ min: 0, max: 3_000 }),
  withFault: fc.boolean(),
  then: fc.constantFrom('rollback' as const, 'proceed' as const),
});
const window = fc.record({
  kind: fc.constant('window' as const),
  before,
  everyStep,
  opensInMs: fc.integer({ min: 500, max: 6_000 }),
});
const webhook = fc.record({
  kind: fc.constant('webhook' as const),
  before,
  everyStep: fc.constant(false),
  fate: fc.constantFrom<WebhookFate>('open', 'open', 'closed-first', 'errors-first', 'refused'),
});

const gate = fc
  .oneof({ weight: 3, arbitrary: approval }, { weight: 1, arbitrary: window }, { weight: 2, arbitrary: webhook })
  .map(({ everyStep: isEvery, ...drawn }): GatePlan => {
    // Only moves of traffic have steps.
    return isEvery && drawn.before === 'shift' ? { ...drawn, everyStep: true } : drawn;
  });

const working = fc.constantFrom(...HOOK_STYLES.filter((style) => style !== 'fails'));

const hook: fc.Arbitrary<HookPlan> = fc
  .record({
    moment: fc.constantFrom<HookMoment>('before', 'after'),
    phase: fc.constantFrom(...PHASES),
    style: fc.oneof({ weight: 9, arbitrary: working }, { weight: 1, arbitrary: fc.constant('fails' as const) }),
    onFailure: fc.constantFrom(...HOOK_FAILURE_POLICIES),
    ofRollbacks: fc.boolean(),
  })
  // Before the plan no hook is known.
  .map((drawn) => (drawn.phase === 'plan' ? { ...drawn, moment: 'after' } : drawn));

const guards: fc.Arbitrary<Guards> = fc
  .record({
    gate: fc.option(gate, { freq: 3, nil: undefined }),
    hooks: fc.array(hook, { maxLength: 3 }),
  })
  .map(({ gate: drawn, hooks }) => (drawn ? { gate: drawn, hooks } : { hooks }));

const run = (deployments: number, steps: number): fc.Arbitrary<GuardedRun | undefined> =>
  fc
    .record({
      isGuarded: fc.boolean(),
      migrations: fc.option(fc.record({ expand: working, contract: working }), { freq: 2, nil: undefined }),
      deployments: fc.array(guards, { minLength: deployments, maxLength: deployments }),
      outages: fc.array(
        fc.record({
          step: fc.integer({ min: 1, max: steps }),
          delayMs: fc.integer({ min: 0, max: 2_500 }),
          holdMs: fc.integer({ min: 500, max: 6_000 }),
        }),
        { maxLength: 1 },
      ),
    })
    .map(({ isGuarded, migrations, ...drawn }) => {
      if (!isGuarded) return undefined;
      return migrations ? { migrations, ...drawn } : drawn;
    });

/** Apart from all else that is drawn of a seed, so that its wishes and faults are those from before there were gates. */
const APART = -500_000_000;

/** Half of the runs have some. */
export function drawGuards(seed: number, counts: { deployments: number; steps: number }): GuardedRun | undefined {
  return fc.sample(run(counts.deployments, counts.steps), { seed: APART - seed, numRuns: 1 })[0];
}

/** `approval before shift, of 2, rejected`; `hook before bake, slowly`. */
export function describeGuards({ gate: met, hooks }: Guards): string[] {
  return [
    ...(met ? [describeGatePlan(met)] : []),
    ...hooks.map(({ moment, phase, style }) => `hook ${moment} ${phase}, ${style}`),
  ];
}

function describeGatePlan(met: GatePlan): string {
  const where = met.everyStep ? 'each step' : met.before;
  switch (met.kind) {
    case 'approval': {
      const when = met.withFault ? ' with a fault' : '';
      const how = met.fate === 'ignored' ? `ignored, then ${met.then}` : `${met.fate}${when}`;
      return `approval before ${where}, of ${met.least}, ${how}`;
    }
    case 'window':
      return `window before ${where}`;
    case 'webhook':
      return `webhook before ${where}, ${met.fate}`;
  }
}
