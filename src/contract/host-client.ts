import type { HostView } from '../domain/hosts/view.ts';
import type { RequestMeta } from '../domain/service/requests.ts';

/** What can be asked about hosts. Every method fails with `ApiError` and nothing else. */
export interface HostClient {
  /** By id. */
  list(): Promise<HostView[]>;
  /**
   * Says, by the reason of `change`, that a host does not come back. Returns what that does now, in words. REFUSED for one that is
   * live, NOT_FOUND for one that nobody knows.
   */
  forget(host: string, change: RequestMeta): Promise<string>;
}
