import type { CheckSpec } from './checks.ts';
import type { JsonObject } from './json.ts';

/** What one rollout at a time may change: a service in one environment. */
export interface ServiceKey {
  name: string;
  environment: string;
}

/** `web/production`: how people and ids name a service. */
export function serviceId(key: ServiceKey): string {
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

/** How a blueprint is picked and configured by a service. */
export interface BlueprintRef {
  /** A blueprint this installation offers, for instance `local-process`. */
  name: string;
  /** Read and checked by the blueprint, opaque to everyone else. */
  config: JsonObject;
}

/** Where the service's live traffic is split. */
export interface RouterSpec {
  kind: 'embedded';
  /** The port clients connect to. A taken or missing one leads to a free one, which `status` shows. */
  port?: number;
}

/** How traffic moves to a new revision. */
export interface StrategySpec {
  kind: 'blue-green';
  /** How long the new revision must stay healthy under traffic before the rollout settles, in milliseconds. */
  bakeMs: number;
}

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
 * Removals are never superseded, and rollbacks never rejected: both are what people reach for when it burns.
 */
export const CONCURRENCY_POLICIES = ['queue', 'supersede-queued', 'supersede-running', 'reject'] as const;
export type ConcurrencyPolicy = (typeof CONCURRENCY_POLICIES)[number];

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
}
