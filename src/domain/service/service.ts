import type { CheckSpec } from '../evidence/checks.ts';
import { type HookSpec, type HooksDigest, type WebhookSender, digestHooks } from '../hooks/hook.ts';
import { type MigrationSpec, type MigrationsDigest, collectHooks, digestMigrations } from '../migrations/migration.ts';
import type { GateSpec } from '../gates/gate.ts';
import { type GateOutline, outlineGates } from '../gates/outline.ts';
import type { JsonObject } from '../json.ts';
import type { StrategySpec } from './strategy.ts';

/** What one rollout at a time may change: a service in one environment. */
export interface ServiceKey {
  name: string;
  environment: string;
}

/** `web/production`: how people and ids name a service. */
export function formatServiceId(key: ServiceKey): string {
  return `${key.name}/${key.environment}`;
}

/** Reads `web/production`; undefined when the text is not of that shape. */
export function parseServiceId(text: string): ServiceKey | undefined {
  const [name, environment, ...rest] = text.split('/');
  if (!name || !environment || rest.length > 0) return undefined;
  return NAME.test(name) && NAME.test(environment) ? { name, environment } : undefined;
}

/**
 * Names of services and environments. Lower case and hyphens only: they become stack names, folders and search
 * attributes, and Pulumi's Postgres backend breaks on `_`.
 */
export const NAME = /^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

/** Names of services have no two hyphens in a row: those tell the stacks of experiments from theirs. */
export const SERVICE_NAME = /^(?=.{1,40}$)[a-z](?:-?[a-z0-9])*$/;

/** How a blueprint is picked and configured by a service. */
export interface BlueprintRef {
  /** A blueprint this installation offers, for instance `local-process`. */
  name: string;
  /** Read and checked by the blueprint, opaque to everyone else. */
  config: JsonObject;
  /**
   * The pool whose workers run its engine. Where a description names none, the blueprint does, or it is the default one. On
   * record it is named only where it is another than the default one.
   */
  pool?: string;
}

/** Where the service's live traffic is split. One member for each router there is. */
export type RouterSpec = EmbeddedRouterSpec | AwsAlbRouterSpec | HaproxyRouterSpec;

/** A process beside Supplant. */
export interface EmbeddedRouterSpec extends PortRouterSpec {
  kind: 'embedded';
}

/** HAProxy, one for the service. */
export interface HaproxyRouterSpec extends PortRouterSpec {
  kind: 'haproxy';
}

/** Of a router that has a port for each service. */
interface PortRouterSpec {
  /** The port clients connect to. A taken or missing one leads to a free one, which `status` shows. */
  port?: number;
  /** The address of the router's machine at which they connect, an IP address; where the router's own options say unless told. */
  listen?: string;
  /** That port, and that address, or none: a deployment whose route would lead elsewhere fails. What is live stays where it is. */
  strictPort?: boolean;
  /**
   * How long requests and connections in flight may take to finish before the stack they are on is destroyed, in
   * milliseconds; {@link DEFAULT_DRAIN_MS} unless told.
   */
  drainMs?: number;
}

/** One rule of an Application Load Balancer on AWS, or the default action of one of its listeners. */
export interface AwsAlbRouterSpec {
  kind: 'aws-alb';
  /** The ARN of the listener rule, or of the listener, whose forwarding is this service's and nobody else's. */
  rule: string;
  /** How long new requests may take to follow a write, in milliseconds; {@link ALB_DEFAULTS} unless told. */
  settleMs?: number;
  /** The same, after the write that takes the last traffic from a revision. */
  lastSettleMs?: number;
  /** How many looks in a row must find all targets of a revision healthy before it gets traffic. */
  healthyLooks?: number;
  /** For how long the load balancer keeps a client with its revision, in milliseconds; not at all unless told. */
  stickyMs?: number;
  drainMs?: number;
}

/**
 * A load balancer accepts a write before all of its parts follow it. Argo Rollouts saw 503s from a target group at its
 * move to weight 0, which a delay of 120 s avoided (argo-rollouts#4595, #3333); in between, nothing is taken from whoever
 * is late, and some seconds keep a bake from judging the weights before.
 */
export const ALB_DEFAULTS = { settleMs: 10_000, lastSettleMs: 120_000, healthyLooks: 3 } as const;

/** Where a service that says nothing has its traffic split. */
export const DEFAULT_ROUTER: RouterSpec = { kind: 'embedded' };

/** What Kubernetes gives a pod to end, and most load balancers' order of magnitude. */
export const DEFAULT_DRAIN_MS = 30_000;

/** Which previous revisions stay warm (running at weight 0) for instant rollback. */
export interface RetentionSpec {
  /** How many. 0 tears the previous revision down in the same rollout. */
  warm: number;
  /** For how long after it lost its traffic, in milliseconds. */
  warmForMs: number;
}

/**
 * What happens to a request while a rollout of the service runs or waits.
 * - `queue`: it waits its turn.
 * - `supersede-queued`: it takes the place of those that wait; the running one goes on to its end.
 * - `supersede-running`: the running one is put back at its next safe point, too. What is live already stays live.
 * - `reject`: it is refused.
 *
 * Removals are never superseded, and rollbacks never rejected: both are what people reach for when it burns. Deployments
 * give way to a rollback under every policy.
 */
export const CONCURRENCY_POLICIES = ['queue', 'supersede-queued', 'supersede-running', 'reject'] as const;
export type ConcurrencyPolicy = (typeof CONCURRENCY_POLICIES)[number];

/**
 * What drift of a stack means to rollouts of its service.
 * - `report`: nothing. It is shown.
 * - `block`: none shifts traffic while what it would go back to, or goes back to, has drift that nobody has acknowledged.
 */
export const DRIFT_POLICIES = ['report', 'block'] as const;
export type DriftPolicy = (typeof DRIFT_POLICIES)[number];

/**
 * What a release has to have proven before it takes the place of what is live.
 * - `none`: nothing.
 * - `proven`: that the service can go back from it, by a drill of the two releases.
 */
export const ROLLBACK_SAFETY_DEMANDS = ['none', 'proven'] as const;
export type RollbackSafetyDemand = (typeof ROLLBACK_SAFETY_DEMANDS)[number];

/**
 * How far, and for how long, a service goes back at once to what is warm. Beyond either limit a rollback takes all steps;
 * one that is absent does not limit.
 */
export interface RollbackWindow {
  /** How many revisions back, 1 or more. */
  revisions?: number;
  /** For how long after a revision lost its traffic, in milliseconds. */
  durationMs?: number;
}

/** How a frozen rollout ends where nobody decides: put back, or with what failed taken for passed. */
export const FREEZE_ENDINGS = ['abort', 'promote'] as const;

/** Nothing goes back by itself once traffic has moved: a rollout that fails then waits for a person, with all as it is. */
export interface FreezeSpec {
  /** For how long at most, in milliseconds. */
  forMs: number;
  then: (typeof FREEZE_ENDINGS)[number];
}

/** How a service is rolled out, whatever it runs: what of its description a workflow has to know. Small by design. */
export type ServiceSettings = Pick<
  ServiceSpec,
  | 'router'
  | 'strategy'
  | 'retention'
  | 'concurrency'
  | 'drift'
  | 'rollbackSafety'
  | 'rollbackWindow'
  | 'freezeOnFail'
  | 'progressDeadlineMs'
> & {
  /** Hooks are recorded with each rollout, and read by what calls them. */
  hooks?: HooksDigest;
  /** Gateways read who may send messages; here it only shows that something was changed. */
  rollbackOn?: HooksDigest;
  migrations?: MigrationsDigest;
  /** That there are gates; a rollout reads them from the record. */
  gates?: GateOutline;
};

export function pickSettings(spec: ServiceSpec): ServiceSettings {
  const { router, strategy, retention, concurrency, drift, rollbackSafety, gates } = spec;
  const { rollbackWindow, freezeOnFail, progressDeadlineMs } = spec;
  const { rollbackOn, migrations } = spec;
  const hooks = collectHooks(spec);
  return {
    ...{ router, strategy, retention },
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(drift === undefined ? {} : { drift }),
    ...(rollbackSafety === undefined ? {} : { rollbackSafety }),
    ...(rollbackWindow === undefined ? {} : { rollbackWindow }),
    ...(freezeOnFail === undefined ? {} : { freezeOnFail }),
    ...(progressDeadlineMs === undefined ? {} : { progressDeadlineMs }),
    ...(hooks.length === 0 ? {} : { hooks: digestHooks(hooks) }),
    ...(migrations === undefined ? {} : { migrations: digestMigrations(migrations) }),
    ...(rollbackOn === undefined ? {} : { rollbackOn: digestHooks(rollbackOn.webhooks) }),
    ...(gates === undefined ? {} : { gates: outlineGates(gates) }),
  };
}

/** A service as described by its manifest, parsed and complete with defaults. */
export interface ServiceSpec {
  service: ServiceKey;
  /** What to run, for instance `npm:http-server@14.1.1`; the blueprint gives it its meaning. */
  artifact: string;
  blueprint: BlueprintRef;
  router: RouterSpec;
  strategy: StrategySpec;
  checks: CheckSpec[];
  retention: RetentionSpec;
  /** `queue` unless told. */
  concurrency?: ConcurrencyPolicy;
  /** `report` unless told. */
  drift?: DriftPolicy;
  /** `none` unless told. */
  rollbackSafety?: RollbackSafetyDemand;
  /** Whatever is warm is gone back to at once unless told. */
  rollbackWindow?: RollbackWindow;
  /** A rollout that fails under traffic is put back unless told. */
  freezeOnFail?: FreezeSpec;
  /** For how long a phase may go on beyond what it is planned to take, in milliseconds; without a limit of its own unless told. */
  progressDeadlineMs?: number;
  /** Webhooks that its rollouts call; at least one. */
  hooks?: HookSpec[];
  /** Who may end its deployments by a signed message; at least one. */
  rollbackOn?: { webhooks: WebhookSender[] };
  /** How what revisions share is changed with them. */
  migrations?: MigrationSpec;
  /** What its deployments wait for; none unless told. */
  gates?: GateSpec[];
}

/** A description of a service, by reference: it is recorded, in whole, as the latest one that was asked for. */
export interface SpecRef {
  /** SHA-256 of the whole description. */
  digest: string;
  settings: ServiceSettings;
}
