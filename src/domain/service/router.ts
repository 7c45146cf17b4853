import { AS_ROUTER, type Route } from '../traffic/route.ts';
import { readPreviewAddress } from './strategy.ts';
import {
  ALB_DEFAULTS,
  DEFAULT_DRAIN_MS,
  type EmbeddedRouterSpec,
  type HaproxyRouterSpec,
  type RouterSpec,
  type ServiceSettings,
} from './service.ts';

/** What has to be known of a kind of router by who does not speak to it. */
interface RouterTraits<Spec extends RouterSpec = RouterSpec> {
  /** The router in words. Two descriptions with the same words are of one router, with other settings at most. */
  describe(router: Spec): string;
  /** Where clients are to connect, where that is the service's to say. */
  readClientPort(router: Spec): Pick<Route, 'port' | 'listen' | 'strictPort'>;
  /** Its own settings as a manifest names them, each in words. */
  wordSettings(router: Spec): Record<string, string>;
  /** Whether it looks at the health of what is to get traffic, which it does of what is in its route only. */
  makesOwnLooks: boolean;
  /** Whether it counts what is in flight, and so knows when a drain is over and what it cut off. */
  countsInFlight: boolean;
  /** Whether it counts the requests that each revision had, which of them failed, and how long they took. */
  countsRequests: boolean;
  /** Whether it can tell the requests of a cohort from others. */
  tellsCohorts: boolean;
  /** Why it has no preview addresses; undefined where it has. */
  noPreviews: string | undefined;
  /** How long new requests may take to follow a write, in milliseconds. */
  readSettleMs(router: Spec, write: { isLast: boolean }): number;
}

/** Of a router that has a port for each service, counts, and follows a write at once. */
const PORT_ROUTER: Omit<RouterTraits<EmbeddedRouterSpec | HaproxyRouterSpec>, 'describe'> = {
  readClientPort: ({ port, listen = AS_ROUTER, strictPort }) => ({
    ...(port === undefined ? {} : { port }),
    listen,
    ...(strictPort === undefined ? {} : { strictPort }),
  }),
  wordSettings: ({ port, listen = "the router's own", strictPort = false }) => ({
    'router.port': port === undefined ? 'any' : String(port),
    'router.listen': listen,
    'router.strictPort': String(strictPort),
  }),
  makesOwnLooks: false,
  countsInFlight: true,
  countsRequests: true,
  tellsCohorts: true,
  noPreviews: undefined,
  readSettleMs: () => 0,
};

/** A new kind of router is an entry here. */
const TRAITS: { [Kind in RouterSpec['kind']]: RouterTraits<Extract<RouterSpec, { kind: Kind }>> } = {
  embedded: { describe: () => 'the embedded router', ...PORT_ROUTER },
  haproxy: { describe: () => 'HAProxy', ...PORT_ROUTER },
  'aws-alb': {
    describe: ({ rule }) => `the load balancer's rule ${rule}`,
    readClientPort: () => ({}),
    wordSettings: (router) => {
      const { settleMs, lastSettleMs, healthyLooks, stickyMs } = { ...ALB_DEFAULTS, stickyMs: undefined, ...router };
      return {
        'router.settle': `${settleMs / 1000}s`,
        'router.lastSettle': `${lastSettleMs / 1000}s`,
        'router.healthyLooks': String(healthyLooks),
        'router.sticky': stickyMs === undefined ? 'no' : `${stickyMs / 1000}s`,
      };
    },
    makesOwnLooks: true,
    countsInFlight: false,
    countsRequests: false,
    tellsCohorts: false,
    noPreviews: 'has no address of its own for what a rule forwards',
    readSettleMs: (router, { isLast }) => {
      const { settleMs, lastSettleMs } = { ...ALB_DEFAULTS, ...router };
      return isLast ? Math.max(settleMs, lastSettleMs) : settleMs;
    },
  },
};

/** Of a kind that a newer gateway knows, and this version does not. */
const UNKNOWN: RouterTraits = {
  describe: ({ kind }) => `the router ${kind}`,
  readClientPort: () => ({}),
  wordSettings: () => ({}),
  makesOwnLooks: false,
  countsInFlight: true,
  countsRequests: true,
  tellsCohorts: true,
  noPreviews: undefined,
  readSettleMs: () => 0,
};

/** The routers there are. */
const ROUTER_KINDS = Object.keys(TRAITS) as RouterSpec['kind'][];

/** Those that tell how many requests each revision had, which of them failed, and how long they took. */
export const COUNTING_ROUTERS = ROUTER_KINDS.filter((kind) => TRAITS[kind].countsRequests);

/** Those that can tell the requests of a cohort from others. */
export const COHORT_ROUTERS = ROUTER_KINDS.filter((kind) => TRAITS[kind].tellsCohorts);

/** Those that have an address of its own for a revision that is looked at before it has traffic. */
export const PREVIEW_ROUTERS = ROUTER_KINDS.filter((kind) => TRAITS[kind].noPreviews === undefined);

function traitsOf({ kind }: Pick<RouterSpec, 'kind'>): RouterTraits {
  return Object.hasOwn(TRAITS, kind) ? TRAITS[kind] : UNKNOWN;
}

/** The router in words, and what tells it from any other: `the embedded router`. */
export function describeRouter(router: RouterSpec): string {
  return traitsOf(router).describe(router);
}

/** Where clients are to connect, of a router where that is the service's to say. */
export function readClientPort(router: RouterSpec): Pick<Route, 'port' | 'listen' | 'strictPort'> {
  return traitsOf(router).readClientPort(router);
}

/** The router's settings as a manifest names them, each in words. */
export function wordRouterSettings(router: RouterSpec): Record<string, string> {
  const drain = `${(router.drainMs ?? DEFAULT_DRAIN_MS) / 1000}s`;
  return { ...traitsOf(router).wordSettings(router), 'router.drain': drain };
}

/** Whether the router has to list a revision at weight 0 before it can tell that it is healthy. */
export function makesOwnLooks(router: RouterSpec): boolean {
  return traitsOf(router).makesOwnLooks;
}

/** Whether what is in flight is counted, and what a drain cuts off is. */
export function countsInFlight(router: RouterSpec): boolean {
  return traitsOf(router).countsInFlight;
}

/** Whether it tells how many requests each revision had, which of them failed, and how long they took. */
export function countsRequests(router: Pick<RouterSpec, 'kind'>): boolean {
  return traitsOf(router).countsRequests;
}

/** Whether it can tell the requests of a cohort from others. */
export function tellsCohorts(router: Pick<RouterSpec, 'kind'>): boolean {
  return traitsOf(router).tellsCohorts;
}

/** Why a router has no preview addresses; undefined where it has. */
export function findPreviewObstacle({ kind }: Pick<RouterSpec, 'kind'>): string | undefined {
  const { noPreviews } = traitsOf({ kind });
  return noPreviews === undefined ? undefined : `${kind} ${noPreviews}`;
}

/**
 * Where clients are to connect, and where a new revision is looked at, all of it: of a route that says so, what it does not
 * name is given up.
 */
export function readServicePlace({
  router,
  strategy,
}: Pick<ServiceSettings, 'router' | 'strategy'>): Pick<Route, 'port' | 'listen' | 'strictPort' | 'preview'> {
  const preview = readPreviewAddress(strategy);
  return { ...readClientPort(router), ...(preview ? { preview } : {}) };
}

/**
 * How long new requests may take to follow a write, in milliseconds. It is longer for the write that takes the last
 * traffic from a revision: whoever follows late would find nobody there.
 */
export function readSettleMs(router: RouterSpec, write: { isLast: boolean }): number {
  return traitsOf(router).readSettleMs(router, write);
}
