import { parseVariantStack } from '../experiment/experiment.ts';
import { formatRunName } from '../experiment/run.ts';
import { formatRolloutName } from '../service/requests.ts';
import { type RevisionState, formatRevisionName, parseStackName } from '../service/revision.ts';
import { formatServiceId } from '../service/service.ts';
import type { FoundFact, LeaseFact, Reason, RevisionFact, StackName } from './facts.ts';

/** What is known of one stack. */
export interface StackFacts {
  found?: FoundFact | undefined;
  revision?: RevisionFact | undefined;
  lease?: LeaseFact | undefined;
  /** Why the record could not be had, where it could not. */
  recordMissing?: string | undefined;
}

/** Whether a stack has an owner. */
export type Judgement = { owner?: string; because: string } & (
  | { is: 'owned' }
  /** A fact is missing: nothing is decided. */
  | { is: 'unclear' }
  /** It is there, and nothing says that it was made from here: a person has to know. */
  | { is: 'foreign' }
  | { is: 'ownerless'; reason: Reason }
  /** It is not there, and nobody is to look after it. */
  | { is: 'absent' }
);

const STANDING: readonly RevisionState[] = ['provisioning', 'ready', 'live', 'warm'];

/** Names of stacks that services share have the revision 0; `environment-production-r0` is one. */
const SHARED = '-r0';

/** Whose a stack is, at that time. */
export function judgeStack(id: StackName, facts: StackFacts, now: Date): Judgement {
  if (id.stack.endsWith(SHARED)) return { is: 'owned', because: 'services share it, and a person has made it' };
  if (facts.recordMissing !== undefined) {
    return { is: 'unclear', because: `whose it is cannot be told: ${facts.recordMissing}` };
  }
  if (facts.revision) return judgeRevision(facts.revision, facts.found !== undefined);
  if (facts.lease) return judgeLease(facts.lease, now);
  return judgeUnknown(id, facts.found);
}

function judgeRevision(fact: RevisionFact, isFound: boolean): Judgement {
  const { service, revision, state, openRollout, teardown, isQuarantined } = fact;
  const owner = formatRevision(fact);
  if (STANDING.includes(state)) return { is: 'owned', owner, because: `${owner} is ${state}` };
  if (openRollout !== undefined) {
    const rollout = formatRolloutName({ service, number: openRollout });
    return { is: 'owned', owner, because: `rollout ${rollout} is under way, and may be about to use or destroy it` };
  }
  if (!isFound && !isQuarantined) return { is: 'absent', because: `${owner} is ${state}, and has no stack` };
  if (teardown === 'running') return { is: 'owned', owner, because: `${owner} is ${state}, and is being taken down` };
  if (teardown === 'unanswered') {
    return { is: 'unclear', owner, because: 'Temporal does not say whether it is being taken down' };
  }
  const because = `${formatRevisionName(revision)} is ${state}, and no workflow takes its stack down`;
  return { is: 'ownerless', reason: 'teardown', owner, because };
}

function judgeLease({ run, deadlineAt, owner: workflow }: LeaseFact, now: Date): Judgement {
  const owner = formatRunName(run);
  if (Date.parse(deadlineAt) <= now.getTime()) {
    return { is: 'ownerless', reason: 'lease-over', owner, because: `its lease was over at ${deadlineAt}` };
  }
  if (workflow === 'running') return { is: 'owned', owner, because: `${owner} goes on until ${deadlineAt} at most` };
  if (workflow === 'unanswered') {
    return { is: 'unclear', owner, because: `Temporal does not say whether ${owner} goes on` };
  }
  return { is: 'ownerless', reason: 'lease-owner', owner, because: `the workflow of ${owner} is gone` };
}

function judgeUnknown(id: StackName, found: FoundFact | undefined): Judgement {
  if (!found) return { is: 'absent', because: 'it is gone' };
  const owner = guessOwner(id);
  const named = owner === undefined ? {} : { owner };
  if (found.traffic === 'unanswered') {
    return { is: 'unclear', ...named, because: 'nobody knows it, and the router does not say whether it has traffic' };
  }
  if (found.traffic === 'some') {
    const because =
      'the router sends it requests, and no record speaks of it: this may be another store, or an old backup';
    return { is: 'foreign', ...named, because };
  }
  if (found.isOurs) {
    const of = owner === undefined ? 'whose name says nothing' : `by its name one of ${owner}`;
    return { is: 'ownerless', reason: 'unknown', ...named, because: `nobody knows it, ${of}` };
  }
  const because = 'nothing here says that it was made from here: another installation may own it';
  return { is: 'foreign', ...named, because };
}

/** Whose a stack was, by its name alone. */
export function guessOwner({ project, stack }: StackName): string | undefined {
  const variant = parseVariantStack(project, stack);
  if (variant) return formatRunName(variant);
  const revision = parseStackName(project, stack);
  return revision && formatRevision(revision);
}

function formatRevision({ service, revision }: Pick<RevisionFact, 'service' | 'revision'>): string {
  return `${formatServiceId(service)} ${formatRevisionName(revision)}`;
}
