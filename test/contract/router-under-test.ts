import type { Endpoint } from '../../src/domain/service/revision.ts';
import type { Router } from '../../src/routing/router.ts';
import type { Upstream } from './upstream.ts';

/** One router to be held to the contract, fresh and without routes. */
export interface RouterUnderTest {
  router: Router;
  /** Starts a service that the router can reach; see test/contract/upstream.ts. The suite stops it. */
  startUpstream: (name: string) => Promise<Upstream>;
  /** By how many of 100 requests a share may differ from its weight. 0 for an exact split. */
  tolerance: number;
  /** Whether it counts requests and connections; one that does not says so. Unless told, it does. */
  counts?: boolean;
  /** Whether it can tell a cohort's requests from others; one that cannot refuses a route with one. Unless told, it can. */
  cohorts?: boolean;
  /** Whether it has preview addresses; one that has none refuses a route with one. Unless told, it has. */
  previews?: boolean;
  /** Whether a service says at which address of the router's machine its clients connect. Unless told, it does. */
  listens?: boolean;
  /** What clients meet where there is no route any more. Unless told, nobody listens there. */
  whenRemoved?: 'refused' | 503;
  /** Waits as a rollout does until new requests follow what was written, where they may be late. */
  settle?: () => Promise<void>;
  /** Makes one revision's endpoints of several services that it consists of. */
  join?: (upstreams: readonly Upstream[]) => Promise<Endpoint[]>;
  /** What it can say of an endpoint that it was told of; all of it, unless told. */
  keeps?: (endpoint: Endpoint) => Endpoint;
  /** How often weights change under load; 60 and 200 times unless told. */
  shifts?: number;
  /** How long a drain may take that counts nothing, in milliseconds. */
  drainMs?: number;
  dispose: () => Promise<void>;
}
