import type { Client } from '@connectrpc/connect';
import { fromHost } from '../contract/convert/hosts.ts';
import type { HostService } from '../contract/gen/supplant/v1/hosts_pb.ts';
import type { HostClient } from '../contract/host-client.ts';
import { names } from '../contract/names.ts';
import type { HostView } from '../domain/hosts/view.ts';
import type { RequestMeta } from '../domain/service/requests.ts';
import { TIMELY, guarded, toMutation, toOptions } from './remote-call.ts';

/** Talks to a gateway about hosts, over gRPC. */
export class RemoteHosts implements HostClient {
  readonly #client: Client<typeof HostService>;

  constructor(client: Client<typeof HostService>) {
    this.#client = client;
  }

  list(): Promise<HostView[]> {
    return guarded(async () => (await this.#client.listHosts({}, TIMELY)).hosts.map(fromHost));
  }

  forget(host: string, change: RequestMeta): Promise<string> {
    const request = { name: names.host(host), ...toMutation(change) };
    return guarded(async () => (await this.#client.forgetHost(request, toOptions(change))).effect);
  }
}
