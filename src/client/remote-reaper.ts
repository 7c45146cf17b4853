import type { Client } from '@connectrpc/connect';
import { fromReport } from '../contract/convert/reaper.ts';
import type { ReaperClient } from '../contract/experiment-client.ts';
import type { ReaperService } from '../contract/gen/supplant/v1/reaper_pb.ts';
import type { ReaperReport } from '../domain/reaper/finding.ts';
import type { RequestMeta } from '../domain/service/requests.ts';
import { TIMELY, guarded, toMutation, toOptions } from './remote-call.ts';

/** Talks to a gateway about the reaper, over gRPC. */
export class RemoteReaper implements ReaperClient {
  readonly #client: Client<typeof ReaperService>;

  constructor(client: Client<typeof ReaperService>) {
    this.#client = client;
  }

  report({ includeOwned = false }: { includeOwned?: boolean } = {}): Promise<ReaperReport> {
    return guarded(async () => fromReport(await this.#client.getReaperReport({ includeOwned }, TIMELY)));
  }

  run({ skipGrace = false }: { skipGrace?: boolean }, change: RequestMeta): Promise<string> {
    const { reason, requestId } = toMutation(change);
    return guarded(async () => {
      const { effect } = await this.#client.runReaper({ skipGrace, reason, requestId }, toOptions(change));
      return effect;
    });
  }
}
