import { type PoolRef, readPool } from '../pools/pool.ts';
import type { RevisionState } from '../service/revision.ts';
import { type ServiceKey, formatServiceId } from '../service/service.ts';
import type { DriftTarget, LookTarget } from './record.ts';

/** What has to be known of a service to say which of its stacks are looked at. */
export interface ServiceFacts {
  service: ServiceKey;
  revisions: readonly { number: number; state: RevisionState; blueprint?: PoolRef }[];
  /** The rollout under way, and the revision that it makes live. */
  running?: { revision?: number };
}

/** What is up and stays as it is: no look at what a rollout is working with. */
export function pickDriftTargets({ service, revisions, running }: ServiceFacts): LookTarget[] {
  const standing = revisions.filter(({ state }) => state === 'live' || state === 'warm');
  const isAtWork = ({ number, state }: ServiceFacts['revisions'][number]): boolean =>
    running !== undefined && (state === 'live' || running.revision === number);
  return standing
    .filter((each) => !isAtWork(each))
    .map(({ number, blueprint = {} }) => ({
      service,
      revision: number,
      ...readPool(blueprint),
    }));
}

/** Where a look at many stacks goes on: `web/production 3`, in the order of {@link formatDriftTarget}. */
export function formatDriftTarget({ service, revision }: DriftTarget): string {
  return `${formatServiceId(service)} ${String(revision).padStart(9, '0')}`;
}

/** The next ones after a place, at most `limit`, and where to go on where there are more. */
export function pageDriftTargets(
  targets: readonly LookTarget[],
  after: string,
  limit: number,
): { targets: LookTarget[]; next?: string } {
  const left = targets
    .map((target) => ({ target, place: formatDriftTarget(target) }))
    .filter(({ place }) => place > after)
    .toSorted((one, other) => (one.place < other.place ? -1 : 1));
  const page = left.slice(0, limit);
  const last = left.length > limit ? page.at(-1) : undefined;
  return { targets: page.map(({ target }) => target), ...(last ? { next: last.place } : {}) };
}
