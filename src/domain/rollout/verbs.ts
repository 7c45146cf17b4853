import { type GateStatus, awaitsApproval, isHeld } from '../gates/status.ts';
import type { Freeze, Phase, RolloutKind, RolloutOutcome } from './rollout.ts';

/** What people and programs can ask of a rollout. */
export const VERBS = ['promote', 'pause', 'resume', 'abort', 'retry', 'rollback', 'approve', 'reject'] as const;
export type Verb = (typeof VERBS)[number];

/** What can be asked of one rollout; a rollback is asked of its service. */
export type RolloutVerb = Exclude<Verb, 'rollback'>;

/** Where a rollout stands, for the purpose of verbs: in a phase, frozen in one since it failed, or over. */
export type Stage = Phase | 'frozen' | 'closed';

export type Rule = { legal: true; effect: string } | { legal: false; reason: string };

const yes = (effect: string): Rule & { legal: true } => ({ legal: true, effect });
const no = (reason: string): Rule => ({ legal: false, reason });

const HOLD = yes('holds before the next phase begins');
const GO_ON = yes('goes on');
const GIVE_UP = yes('puts everything back: the new stack is destroyed, traffic stays where it is');
const GIVE_UP_UNDER_TRAFFIC = yes('gives traffic back to the previous revision, then destroys the new stack');
const NOT_PROMOTABLE = no('checks have not passed yet; promote ends the bake early and nothing else');
const NOTHING_FAILED = no('nothing has failed: interrupted steps are repeated by themselves');
const NO_GATE = no('no gate is waiting for an approval');
const APPROVE = yes('counts for the gates that wait for it');
const REJECT = yes('puts everything back, with the reason: somebody has said no');
const PASS_GATES = yes('passes the gates that wait, and all that follow, by break-glass');
const FULL_AFTERWARDS = yes('goes on once the gates that wait have opened');
const HELD = no('a gate is waited for, and promote ends bakes alone; approve it, or use --break-glass with a reason');
const FREEZE = yes(
  'freezes the rollout, which does not go back by itself: traffic stays as it is, and a person decides',
);
const FROZEN = no('the rollout is frozen already, and a person decides what becomes of it');
const TOO_LATE = no('the new revision is live; use rollback on the service to go back');
const AFTERWARDS = yes('queues a rollback behind this rollout');
const LEAVE = yes('puts this rollout back at its next safe point, then goes back; what waits leaves the queue');
const NOTHING_BEFORE = no('nothing was live before; abort puts everything back');
const LEADS_THERE = yes('is this rollout, unless it names another revision; that waits for this one');
const RESTORE = yes('queues a rollback behind this removal, which brings the service back');

const beforeTraffic: Record<Verb, Rule> = {
  promote: NOT_PROMOTABLE,
  pause: HOLD,
  resume: GO_ON,
  abort: GIVE_UP,
  retry: NOTHING_FAILED,
  rollback: LEAVE,
  approve: APPROVE,
  reject: REJECT,
};
const underTraffic: Record<Verb, Rule> = { ...beforeTraffic, abort: GIVE_UP_UNDER_TRAFFIC };
const frozen: Record<Verb, Rule> = {
  promote: yes('takes what failed for passed: the next step follows, or the end'),
  pause: no('the rollout is frozen: nothing goes on that could be held'),
  resume: no('the rollout is frozen, not paused; use retry, promote or abort'),
  abort: GIVE_UP_UNDER_TRAFFIC,
  retry: yes('repeats the step that failed: its traffic is written again, and its bake begins anew'),
  rollback: LEAVE,
  approve: NO_GATE,
  reject: NO_GATE,
};
const live: Record<Verb, Rule> = {
  promote: no('the new revision is live already'),
  pause: no('the new revision is live; there is nothing left to hold back'),
  resume: no('the rollout is not paused'),
  abort: TOO_LATE,
  retry: NOTHING_FAILED,
  rollback: AFTERWARDS,
  approve: NO_GATE,
  reject: NO_GATE,
};

/** Every verb in every stage has an answer (invariant 8). This table is the only place that gives it. */
export const VERB_TABLE: Record<Stage, Record<Verb, Rule>> = {
  plan: beforeTraffic,
  provision: beforeTraffic,
  validate: beforeTraffic,
  shift: underTraffic,
  bake: { ...underTraffic, promote: yes('ends the bake now'), pause: yes('holds once the bake is over') },
  settle: live,
  teardown: live,
  frozen,
  closed: {
    promote: no('the rollout is over'),
    pause: no('the rollout is over'),
    resume: no('the rollout is over'),
    abort: no('the rollout is over; use rollback on the service to go back'),
    retry: no('the rollout is over; deploy again to try once more'),
    rollback: yes('queues a rollback'),
    approve: no('the rollout is over'),
    reject: no('the rollout is over; use rollback on the service to go back'),
  },
};

/** What an answer depends on besides the stage. */
export interface Moment {
  paused: boolean;
  aborting: boolean;
  /** The gates that it has come to. */
  gates?: readonly GateStatus[];
  /** Traffic has moved, and is not given back by itself. */
  staysPut?: boolean;
  /** How it is asked, where that is known. */
  asked?: AskedOptions;
  /** What the rollout is, where that is asked for: a rollback is asked of its service, and tells the kinds apart. */
  rollout?: { kind: RolloutKind; previous?: number };
}

/** How something is asked. */
export interface AskedOptions {
  /** Of promote: the steps before all traffic are left out. */
  full?: boolean;
  /** Of promote: the gates are left out, by a caller who may pass them. */
  breakGlass?: boolean;
  /** Of abort: what watches the service demands it. That is a failure, and no person's word. */
  demanded?: boolean;
}

/** What of a rollout's status decides on verbs. */
export interface VerbFacts {
  phase: Phase;
  paused: boolean;
  /** It is being put back, since this phase. */
  undoing?: Phase;
  /** It failed, and a person decides. */
  frozen?: Freeze;
  outcome?: RolloutOutcome;
  gates?: readonly GateStatus[];
  staysPut?: boolean;
}

/** While everything is put back verbs are answered as where that began. */
export function findStage({ phase, undoing, frozen: freeze, outcome }: VerbFacts): Stage {
  if (outcome !== undefined) return 'closed';
  return undoing ?? (freeze ? 'frozen' : phase);
}

/** The answer to a verb now: what the rollout itself says to it, and what a dry run of it says. */
export function answerVerbNow(
  verb: Verb,
  facts: VerbFacts,
  { rollout, asked }: Pick<Moment, 'rollout' | 'asked'> = {},
): Rule {
  const { paused, undoing, gates, staysPut } = facts;
  const moment = {
    ...{ paused, aborting: undoing !== undefined },
    ...(gates ? { gates } : {}),
    ...(staysPut ? { staysPut } : {}),
  };
  return answerVerb(verb, findStage(facts), {
    ...moment,
    ...(rollout ? { rollout } : {}),
    ...(asked ? { asked } : {}),
  });
}

/** The answer to a verb, given where the rollout stands. */
export function answerVerb(verb: Verb, stage: Stage, now: Moment): Rule {
  if (verb === 'rollback') return answerRollback(stage, now);
  if (verb === 'promote' && isHeld(now.gates) && !now.aborting) return answerHeldPromotion(stage, now);
  const rule = VERB_TABLE[stage][verb];
  if (!rule.legal) return rule;
  if (now.aborting) return no('the rollout is being put back already');
  if (verb === 'pause' && now.paused) return no('the rollout is paused already');
  if (verb === 'resume' && !now.paused) return no('the rollout is not paused');
  if (verb === 'abort' && now.asked?.demanded && now.staysPut) return stage === 'frozen' ? FROZEN : FREEZE;
  if ((verb === 'approve' || verb === 'reject') && !awaitsApproval(now.gates)) return NO_GATE;
  return rule;
}

/** At a gate, which a promotion passes by break-glass alone. One in full leaves out the steps that follow in any case. */
function answerHeldPromotion(stage: Stage, { asked }: Moment): Rule {
  // How it is asked is not known before it is looked up.
  if (asked === undefined || asked.breakGlass) return PASS_GATES;
  return asked.full && VERB_TABLE[stage].promote.legal ? FULL_AFTERWARDS : HELD;
}

/** Whether what was asked keeps all as it is, by what was answered: nothing is put back. */
export function isFreezing(effect: string): boolean {
  return effect === FREEZE.effect;
}

/** What a promotion does: one in full leaves out the steps before all traffic, one by break-glass the gates. */
export function describePromotion(effect: string, { full, breakGlass }: AskedOptions = {}): string {
  const passes = breakGlass && effect !== PASS_GATES.effect ? `${effect}, and passes all gates by break-glass` : effect;
  return full ? `${passes}, and gives the new revision all traffic, whatever steps are left` : passes;
}

/** Whether a rollback puts a deployment back that stands there, rather than to wait for its end. */
export function isEndedByRollback(stage: Stage): boolean {
  return VERB_TABLE[stage].rollback === LEAVE;
}

function answerRollback(stage: Stage, { aborting, rollout }: Moment): Rule {
  const rule = VERB_TABLE[stage].rollback;
  if (rule !== LEAVE) return rule;
  if (aborting) return AFTERWARDS;
  if (rollout?.kind === 'rollback') return LEADS_THERE;
  if (rollout?.kind === 'remove') return RESTORE;
  return rollout && rollout.previous === undefined ? NOTHING_BEFORE : rule;
}
