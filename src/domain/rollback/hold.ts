import { type Refusal, createRefusal } from '../refusal.ts';
import { clipLine } from '../sentences.ts';
import type { RolloutKind, RolloutOutcome } from '../rollout/rollout.ts';
import { type RevisionRef, formatRevisionName } from '../service/revision.ts';
import type { RevisionSet } from '../service/revision-set.ts';
import { type ServiceKey, formatServiceId } from '../service/service.ts';

/**
 * A release that was rolled back by itself. It is not deployed again before somebody asks for that in so many words: what
 * applies the same description over and over would expose the service's users to it each time.
 */
export interface Hold {
  release: string;
  /** The revision that was rolled back. */
  revision: number;
  /** The rollout that did so. */
  rollout: number;
  /** What it was rolled back for, at most {@link HOLD_REASON_LIMIT} characters. */
  because: string;
  /** ISO 8601. */
  since: string;
}

/** Characters of a reason that are carried; the rollout has all of it. */
export const HOLD_REASON_LIMIT = 160;

/** How many releases of a service are on hold. Of more the oldest is forgotten: nobody applies that over and over any more. */
export const MOST_HOLDS = 20;

/** Failures that say something of the release, by their types; all others are the machines', the router's or a person's. */
const BLAMING: readonly (string | undefined)[] = ['CheckFailed', 'HookFailed', 'ProgressDeadline'];

/** Who asks as a program that watches the service, rather than as a person: `webhook:pager`. */
const WATCHER = 'webhook:';

/** How a rollout ended, as far as it says something of its release. */
export interface RolloutEnd {
  kind: RolloutKind;
  outcome: RolloutOutcome;
  number: number;
  revision?: RevisionRef;
  /** The type of the failure that it was put back for. */
  failure?: string;
  /** Who has ended it, where somebody has. */
  endedBy?: string;
  /** The revision had traffic, or may have had. */
  hadTraffic: boolean;
  because?: string;
  /** ISO 8601. */
  at: string;
}

/**
 * The hold that a rollout leaves: of a deployment that had traffic and lost it again for something that the release is to
 * blame for, or since what watches the service demanded that. Undefined where a person ended it, where it never had traffic,
 * and where something else was in the way.
 */
export function createHold(end: RolloutEnd): Hold | undefined {
  const { kind, number, revision, because = '', at } = end;
  if (kind !== 'deploy' || !revision || !isToBlame(end)) return undefined;
  const told = clipLine(because, HOLD_REASON_LIMIT);
  return { release: revision.release, revision: revision.number, rollout: number, because: told, since: at };
}

function isToBlame({ outcome, failure, endedBy = '', hadTraffic }: RolloutEnd): boolean {
  if (outcome === 'aborted') return hadTraffic && endedBy.startsWith(WATCHER);
  return outcome === 'rolled-back' && BLAMING.includes(failure);
}

/** A release that is live works in other processes: nothing is held then. */
export function isHeld({ release }: Hold, { live }: RevisionSet): boolean {
  return live?.revision.release !== release;
}

/** The holds with one more, the oldest first. */
export function addHold(holds: readonly Hold[], hold: Hold): Hold[] {
  return [...withoutHold(holds, hold.release), hold].slice(-MOST_HOLDS);
}

export function withoutHold(holds: readonly Hold[], release: string): Hold[] {
  return holds.filter((each) => each.release !== release);
}

/** Why a release is not deployed, and the way out. */
export function refuseHeld(key: ServiceKey, hold: Hold): Refusal {
  const id = formatServiceId(key);
  return createRefusal(
    'Refused',
    `this release of ${id} is on hold: ${describeHold(hold)}`,
    `deploy another release; or the same once more with --again and a --reason; supplant why ${id} ${hold.rollout} has all of it`,
  ).refusal;
}

/** `r6 was rolled back by rollout 12: check answers failed`. */
export function describeHold({ revision, rollout, because }: Hold): string {
  const why = because === '' ? '' : `: ${because}`;
  return `${formatRevisionName(revision)} was rolled back by rollout ${rollout}${why}`;
}
