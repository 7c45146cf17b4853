import type { ServiceKey } from '../../src/domain/service/service.ts';
import { formatServiceId } from '../../src/domain/service/service.ts';
import { formatRevisionName } from '../../src/domain/service/revision.ts';
import type { RecordingActivities } from '../doubles/recording-activities.ts';

/** The revisions that stand by the record, in order. */
export async function listStanding({ store }: RecordingActivities, service: ServiceKey): Promise<string[]> {
  const revisions = await store.catalogue.revisions(service, 1_000);
  const up = revisions.filter(({ state }) => state === 'live' || state === 'warm').map(({ number }) => number);
  return up.sort((a, b) => a - b).map(formatRevisionName);
}

/** Where record, router and stacks of a service that is at rest say different things; each once. */
export async function findDisagreements(activities: RecordingActivities, service: ServiceKey): Promise<string[]> {
  const { audit, catalogue } = activities.store;
  const [overview] = await catalogue.overview(service);
  if (overview?.running || (overview?.queue.length ?? 0) > 0) return ['the service is busy'];
  const standing = await listStanding(activities, service);
  const revisions = await catalogue.revisions(service, 1_000);
  const live = revisions.filter(({ state }) => state === 'live').map(({ number }) => formatRevisionName(number));
  const { weights } = activities.router;
  const carrying = Object.entries(weights).filter(([, weight]) => weight > 0);
  const ends = (await audit.list({ subject: formatServiceId(service), limit: 100_000 })).flatMap(({ type, rollout }) =>
    type === 'rollout.finished' || type === 'rollout.dropped' ? [rollout] : [],
  );
  const found = [
    live.length > 1 && `${live.join()} are live`,
    differ(activities.stacks.names, standing) &&
      `${activities.stacks.names.join()} stand, ${standing.join()} are listed`,
    differ(Object.keys(weights).sort(), standing.toSorted()) && `the route has ${Object.keys(weights).join()}`,
    differ(
      carrying.map(([name, weight]) => `${name} ${weight}`),
      live.map((name) => `${name} 100`),
    ) && `traffic goes to ${JSON.stringify(weights)}, ${live.join()} is live`,
    new Set(ends).size !== ends.length && `a rollout ended twice: ${ends.join()}`,
    !(await audit.verify()).ok && 'the audit log does not verify',
  ];
  return found.filter((each) => each !== false);
}

function differ(some: readonly string[], others: readonly string[]): boolean {
  return some.join() !== others.join();
}
