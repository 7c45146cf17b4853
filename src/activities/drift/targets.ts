import type { LookTarget } from '../../domain/drift/record.ts';
import { formatDriftTarget, pageDriftTargets, pickDriftTargets } from '../../domain/drift/targets.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import type { Catalogue, Overview } from '../../store/catalogue/catalogue.ts';
import type { DriftLog } from '../../store/drift/log.ts';

export interface TargetsTask {
  /** All services unless told. */
  service?: ServiceKey;
  /** The `next` of the page before. */
  after?: string;
  limit: number;
}

export interface TargetsPage {
  targets: LookTarget[];
  /** Where to go on; absent of the last page. */
  next?: string;
}

/** The next stacks to look at. With the first page, what is on record of stacks that are gone is forgotten. */
export async function listDriftTargets(
  { service, after = '', limit }: TargetsTask,
  { catalogue, drift }: { catalogue: Pick<Catalogue, 'overview'>; drift: DriftLog },
): Promise<TargetsPage> {
  const overviews = await catalogue.overview(service);
  if (after === '') await forgetGone(overviews, drift, service);
  const targets = overviews.flatMap(({ spec, revisions, running }) =>
    pickDriftTargets({ service: spec.service, revisions, ...(running ? { running } : {}) }),
  );
  return pageDriftTargets(targets, after, limit);
}

async function forgetGone(overviews: readonly Overview[], drift: DriftLog, service?: ServiceKey): Promise<void> {
  const standing = new Set(
    overviews.flatMap(({ spec, revisions }) =>
      revisions.map(({ number }) => formatDriftTarget({ service: spec.service, revision: number })),
    ),
  );
  for (const record of await drift.list(service)) {
    if (!standing.has(formatDriftTarget(record))) await drift.forget(record);
  }
}
