import type { DriftClient } from '../../../contract/drift-client.ts';
import { driftIds } from '../../../domain/drift/ids.ts';
import { type DriftReport, buildDriftViews } from '../../../domain/drift/view.ts';
import type { RequestMeta } from '../../../domain/service/requests.ts';
import { type ServiceKey, formatServiceId } from '../../../domain/service/service.ts';
import { withApiErrors } from '../errors.ts';
import { findScheduleTrouble } from '../schedule-trouble.ts';
import { acknowledgeDrift } from './acknowledge.ts';
import { checkDrift } from './check.ts';
import type { DriftParts } from './parts.ts';

/** Drift as a gateway sees it: by what the last looks have put down. */
export class Drift implements DriftClient {
  readonly #parts: DriftParts;

  constructor(parts: DriftParts) {
    this.#parts = parts;
  }

  list(service?: ServiceKey): Promise<DriftReport> {
    return withApiErrors(async () => {
      const { services, store } = this.#parts;
      const statuses = service ? [await services.status(service)] : await services.all();
      const records = await (await store()).drift.list(service);
      const stacks = statuses
        .toSorted((one, other) => (idOf(one) < idOf(other) ? -1 : 1))
        .flatMap(({ spec, revisions }) => {
          const policy = spec.drift ?? 'report';
          const own = records.filter((record) => formatServiceId(record.service) === formatServiceId(spec.service));
          return buildDriftViews({ service: spec.service, revisions, policy }, own);
        });
      const trouble = await this.#trouble();
      return { stacks, ...(trouble === undefined ? {} : { trouble }) };
    });
  }

  check(service: ServiceKey | undefined, change: RequestMeta): Promise<string> {
    return withApiErrors(() => checkDrift(service, change, this.#parts));
  }

  acknowledge(service: ServiceKey, revision: number, change: RequestMeta): Promise<string> {
    return withApiErrors(() => acknowledgeDrift({ service, revision }, change, this.#parts));
  }

  async #trouble(): Promise<string | undefined> {
    const trouble = await findScheduleTrouble(this.#parts.temporal, driftIds.schedule);
    switch (trouble?.kind) {
      case undefined:
        return undefined;
      case 'paused': {
        const note = trouble.note === '' ? '' : ` (${trouble.note})`;
        return `somebody has paused the schedule of looks in Temporal, ${driftIds.schedule}${note}`;
      }
      case 'missing':
        return 'looks have no schedule in Temporal: SUPPLANT_DRIFT_EVERY is off, or no worker is running to make it';
      case 'silent':
        return 'Temporal does not answer, so nothing is looked at';
    }
  }
}

function idOf({ spec }: { spec: { service: ServiceKey } }): string {
  return formatServiceId(spec.service);
}
