import { formatDuration } from '../duration.ts';
import type { RolloutKind } from '../rollout/rollout.ts';

/** What a gate stands before: the first thing that is made, each move of traffic, and the point of no return. */
export const GATE_PHASES = ['provision', 'shift', 'settle'] as const;
export type GatePhase = (typeof GATE_PHASES)[number];

/**
 * What becomes of a rollout whose gate has not opened in time.
 * - `rollback`: everything is put back.
 * - `proceed`: it goes on as if the gate had opened.
 */
export const GATE_ACTIONS = ['rollback', 'proceed'] as const;
export type GateAction = (typeof GATE_ACTIONS)[number];

/**
 * What can be made to wait at gates: what makes a revision live, and the removal of a service. Whoever goes back passes all
 * gates.
 */
export const GATED_VERBS = ['apply', 'deploy', 'restart', 'remove'] as const;
export type GatedVerb = (typeof GATED_VERBS)[number];

/** What waits at a gate that does not say. */
export const DEFAULT_GATED_VERBS: readonly GatedVerb[] = ['apply', 'deploy', 'restart'];

export const REASON_DEMANDS = ['optional', 'required'] as const;
export type ReasonDemand = (typeof REASON_DEMANDS)[number];

/** A wait for a person, a time or a condition, with an end and what happens then. */
export type GateSpec = ApprovalGate | WindowGate | WebhookGate;

/** What all gates have. */
export interface GateTerms {
  /** Each name once in a service. */
  name: string;
  before: GatePhase;
  /** Of `shift`: the step it stands before, from 1 on; before the first one unless told. */
  step?: number | 'every';
  /** What waits for it; {@link DEFAULT_GATED_VERBS} unless told. */
  verbs?: GatedVerb[];
  /** How long it is waited for, in milliseconds. */
  expiresAfterMs: number;
  then: GateAction;
}

/** Opens when enough people have said so. */
export interface ApprovalGate extends GateTerms {
  kind: 'approval';
  /** Roles, and patterns of names such as `jwt:*@example.com` and `group:release-managers`; any of them will do. */
  from: string[];
  /** How many different people. */
  least: number;
  /** Who asked for the rollout is not among them. */
  notRequester: boolean;
  reason: ReasonDemand;
  /** What is sent from the Temporal UI counts: a yes as one, whoever sends it, and a no ends the rollout. */
  temporalUi?: true;
}

/** What of a gate decides on approvers. */
export type ApprovalTerms = Pick<ApprovalGate, 'from' | 'least' | 'notRequester' | 'reason' | 'temporalUi'>;

/** One person's yes. */
export interface Approval {
  actor: string;
  /** ISO 8601. */
  at: string;
  reason?: string;
}

/** Open at certain times. */
export interface WindowGate extends GateTerms, OpeningHours {
  kind: 'window';
}

/** The union of what is allowed, without what is denied. */
export interface OpeningHours {
  /** An IANA time zone, in which the rules count: `Europe/Berlin`. */
  timeZone: string;
  /** At any time where there are none. */
  allow?: WindowRule[];
  deny?: WindowRule[];
}

/** A time that comes again. */
export interface WindowRule {
  /** An RRULE of RFC 5545, without its name: `FREQ=WEEKLY;BYDAY=MO,TU;BYHOUR=9`. */
  rule: string;
  /** How long each lasts, in milliseconds of time as it passes. */
  forMs: number;
  /** The first day it may come, `2026-12-21`; what INTERVAL and COUNT count from. {@link DEFAULT_FIRST_DAY} unless told. */
  starts?: string;
}

/** Opens when somebody else's program says so. */
export interface WebhookGate extends GateTerms {
  kind: 'webhook';
  /** What is asked. */
  url: string;
  /** Where the secret is that signs what is asked, as a reference: `env:HOOK_SECRET`. */
  secret: string;
  /** Between two askings, in milliseconds. */
  everyMs: number;
}

/** Between two askings of a webhook, in milliseconds: as fresh as most things are that it may look at. */
export const DEFAULT_ASKED_EVERY_MS = 60_000;

/** How often one gate may ask until it expires: each asking is in the rollout's history, which has an end. */
export const MOST_ASKINGS = 2_000;

/** A Monday, so that WEEKLY with an INTERVAL counts weeks as people do. */
export const DEFAULT_FIRST_DAY = '2024-01-01';

/** As Amazon ECS waits for a pause hook unless told, and at most. */
export const DEFAULT_EXPIRY_MS = 24 * 3_600_000;
export const MOST_EXPIRY_MS = 14 * 24 * 3_600_000;

/** Each is a line of a rollout's status. */
export const MOST_GATES = 10;
/** People that one gate can wait for. */
export const MOST_APPROVALS = 10;
/** Roles and names that one gate can list. */
export const MOST_APPROVERS = 20;
/** Rules of one list. */
export const MOST_RULES = 20;

/** Who may approve where a gate does not say. */
export const DEFAULT_APPROVERS: readonly string[] = ['approver'];

/** A stop of changes holds it. Going back and taking away must not have to wait for that. */
export function heedsStops(kind: RolloutKind): boolean {
  return kind === 'deploy';
}

/**
 * The gates at which what was asked for waits. A removal has one point, before what cannot be taken back, at which all of its gates
 * stand. `verb` is unknown of what was asked for before gates named any.
 */
export function pickGates(gates: readonly GateSpec[], kind: RolloutKind, verb: string | undefined): GateSpec[] {
  if (kind === 'rollback') return [];
  const asked = verb ?? (kind === 'remove' ? 'remove' : 'deploy');
  const picked = gates.filter(({ verbs = DEFAULT_GATED_VERBS }) => (verbs as readonly string[]).includes(asked));
  if (kind === 'deploy') return picked;
  return picked.map(({ step: _none, ...gate }) => ({ ...gate, before: 'settle' }));
}

/** The gates that stand at a point of a rollout, in their order. `step` is that of a shift. */
export function findGates(gates: readonly GateSpec[], before: GatePhase, step = 1): GateSpec[] {
  return gates.filter((gate) => {
    if (gate.before !== before) return false;
    return before !== 'shift' || gate.step === 'every' || (gate.step ?? 1) === step;
  });
}

/** `provision`, `shift`, `step 2`. */
export function describePoint(before: GatePhase, step?: number): string {
  return before === 'shift' && step !== undefined && step > 1 ? `step ${step}` : before;
}

/** A gate in a few words: `approval qa before shift (2 of approver)`. */
export function describeGate(gate: GateSpec): string {
  const where = gate.step === 'every' ? 'every step' : describePoint(gate.before, gate.step);
  const what = gate.verbs ? `, of ${gate.verbs.join(', ')}` : '';
  return `${gate.kind} ${gate.name} before ${where}${what} (${describeDemand(gate)})`;
}

function describeDemand(gate: GateSpec): string {
  switch (gate.kind) {
    case 'approval':
      return `${gate.least} of ${gate.from.join(', ')}`;
    case 'window':
      return `${gate.allow?.length ?? 0} allowed, ${gate.deny?.length ?? 0} denied, in ${gate.timeZone}`;
    case 'webhook':
      return `asked every ${formatDuration(gate.everyMs)}`;
  }
}
