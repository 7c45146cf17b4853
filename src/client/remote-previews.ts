import type { Client } from '@connectrpc/connect';
import { omitUndefined } from '../contract/convert/given.ts';
import { fromPreview } from '../contract/convert/preview.ts';
import { toCheck } from '../contract/convert/spec.ts';
import { toDuration } from '../contract/convert/time.ts';
import type { PreviewService } from '../contract/gen/supplant/v1/previews_pb.ts';
import { names, readNumber } from '../contract/names.ts';
import type { PreviewAnswer, PreviewClient } from '../contract/preview-client.ts';
import { ApiError } from '../contract/supplant-client.ts';
import type { PreviewKey } from '../domain/preview/name.ts';
import { type PreviewRequest, formatPreview } from '../domain/preview/preview.ts';
import type { PreviewView } from '../domain/preview/view.ts';
import type { RequestMeta } from '../domain/service/requests.ts';
import type { ServiceKey } from '../domain/service/service.ts';
import { TIMELY, guarded, toMutation, toOptions } from './remote-call.ts';
import { collectPages } from './remote-pages.ts';

/** Talks to a gateway about previews, over gRPC. */
export class RemotePreviews implements PreviewClient {
  readonly #client: Client<typeof PreviewService>;

  constructor(client: Client<typeof PreviewService>) {
    this.#client = client;
  }

  open(request: PreviewRequest, change: RequestMeta): Promise<PreviewAnswer> {
    const { artifact, checks = [], force = false, patch, port = 0, ttlMs } = request;
    const ttl = ttlMs === undefined ? undefined : toDuration(ttlMs);
    const asked = omitUndefined({ ...toKey(request), artifact, force, patch, port, ttl, checks: checks.map(toCheck) });
    return guarded(async () => {
      const answer = await this.#client.openPreview({ ...asked, ...toMutation(change) }, toOptions(change));
      const { effect, unchanged, run, port: own } = answer;
      return omitUndefined({ effect, unchanged, run: readNumber(run), port: own });
    });
  }

  close(key: PreviewKey, change: RequestMeta): Promise<{ effect: string; unchanged: boolean }> {
    return guarded(async () => {
      const { effect, unchanged } = await this.#client.closePreview(
        { ...toKey(key), ...toMutation(change) },
        toOptions(change),
      );
      return { effect, unchanged };
    });
  }

  view(key: PreviewKey): Promise<PreviewView> {
    return guarded(async () => {
      const { preview } = await this.#client.getPreview(toKey(key), TIMELY);
      if (!preview) throw new ApiError('INTERNAL', `the gateway sent nothing of ${formatPreview(key)}`);
      return fromPreview(preview);
    });
  }

  list(service?: ServiceKey): Promise<PreviewView[]> {
    const of = service ? names.service(service) : '';
    return collectPages(Number.POSITIVE_INFINITY, async (pageSize, pageToken) => {
      const page = await this.#client.listPreviews({ service: of, pageSize, pageToken }, TIMELY);
      return [page.previews.map(fromPreview), page.nextPageToken];
    });
  }
}

function toKey({ service, branch }: PreviewKey): { service: string; branch: string } {
  return { service: names.service(service), branch };
}
