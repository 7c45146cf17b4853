import type { Client } from '@connectrpc/connect';
import type { ChangeStopClient } from '../contract/change-stop-client.ts';
import { fromChangeStop } from '../contract/convert/change-stops.ts';
import { omitUndefined } from '../contract/convert/given.ts';
import { toTimestamp } from '../contract/convert/time.ts';
import type { ChangeStopService } from '../contract/gen/supplant/v1/change_stops_pb.ts';
import type { ChangeStop } from '../domain/gates/stop.ts';
import type { RequestMeta } from '../domain/service/requests.ts';
import { TIMELY, guarded, toMutation, toOptions } from './remote-call.ts';

/** Talks to a gateway about stops of changes, over gRPC. */
export class RemoteChangeStops implements ChangeStopClient {
  readonly #client: Client<typeof ChangeStopService>;

  constructor(client: Client<typeof ChangeStopService>) {
    this.#client = client;
  }

  list(): Promise<ChangeStop[]> {
    return guarded(async () => (await this.#client.listChangeStops({}, TIMELY)).stops.map(fromChangeStop));
  }

  set({ environment, until }: Pick<ChangeStop, 'environment' | 'until'>, change: RequestMeta): Promise<string> {
    const request = omitUndefined({ ...toMutation(change), environment, untilTime: toTimestamp(until) });
    return guarded(async () => (await this.#client.setChangeStop(request, toOptions(change))).effect);
  }

  lift({ environment }: Pick<ChangeStop, 'environment'>, change: RequestMeta): Promise<string> {
    const request = omitUndefined({ ...toMutation(change), environment });
    return guarded(async () => (await this.#client.liftChangeStop(request, toOptions(change))).effect);
  }
}
