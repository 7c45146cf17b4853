import type { Client } from '@connectrpc/connect';
import { fromStackDrift } from '../contract/convert/drift.ts';
import type { DriftClient } from '../contract/drift-client.ts';
import type { DriftService } from '../contract/gen/supplant/v1/drift_pb.ts';
import { names } from '../contract/names.ts';
import type { DriftReport } from '../domain/drift/view.ts';
import type { RequestMeta } from '../domain/service/requests.ts';
import type { ServiceKey } from '../domain/service/service.ts';
import { TIMELY, guarded, toMutation, toOptions } from './remote-call.ts';
import { collectPages } from './remote-pages.ts';

/** Talks to a gateway about drift, over gRPC. */
export class RemoteDrift implements DriftClient {
  readonly #client: Client<typeof DriftService>;

  constructor(client: Client<typeof DriftService>) {
    this.#client = client;
  }

  async list(service?: ServiceKey): Promise<DriftReport> {
    const parent = toParent(service);
    let known = '';
    const stacks = await collectPages(Number.POSITIVE_INFINITY, async (pageSize, pageToken) => {
      const page = await this.#client.listDrift({ parent, pageSize, pageToken }, TIMELY);
      known = page.trouble;
      return [page.stacks.map(fromStackDrift), page.nextPageToken];
    });
    return { stacks, ...(known === '' ? {} : { trouble: known }) };
  }

  check(service: ServiceKey | undefined, change: RequestMeta): Promise<string> {
    const { reason, requestId } = toMutation(change);
    return guarded(async () => {
      const { effect } = await this.#client.checkDrift(
        { parent: toParent(service), reason, requestId },
        toOptions(change),
      );
      return effect;
    });
  }

  acknowledge(service: ServiceKey, revision: number, change: RequestMeta): Promise<string> {
    const request = { name: names.revision(service, revision), ...toMutation(change) };
    return guarded(async () => (await this.#client.acknowledgeDrift(request, toOptions(change))).effect);
  }
}

function toParent(service: ServiceKey | undefined): string {
  return service ? names.service(service) : '';
}
