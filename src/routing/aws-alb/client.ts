import { setTimeout as sleep } from 'node:timers/promises';
import { formatRevisionName } from '../../domain/service/revision.ts';
import { type AwsAlbRouterSpec, ALB_DEFAULTS, formatServiceId, type ServiceKey } from '../../domain/service/service.ts';
import {
  type DrainObservation,
  type Route,
  type RouteObservation,
  type TargetObservation,
  findRouteFaults,
} from '../../domain/traffic/route.ts';
import {
  InvalidRouteError,
  RouteChangedError,
  type Router,
  StaleGenerationError,
  TargetsNotReadyError,
} from '../router.ts';
import { type Forwarding, type GroupNames, formatForwarding, formatGroup } from './forwarding.ts';
import type { AlbFacts } from './facts.ts';
import { ALB_LIMITS, CLIENT_LIMITS } from './limits.ts';
import { findAlbFaults } from './route-faults.ts';
import type { RulePlace } from './rule-place.ts';
import { type FoundRule, RuleRecord, type Writable, assertOwner, assertUnchanged, isAsWritten } from './rule-record.ts';
import { type WrittenRoute, computeRouteDigest, groupOf, isOf } from './written-route.ts';

/** What a rule answers when nobody has its traffic. */
const NO_TRAFFIC = 'no revision takes traffic';

/** What the routers of an installation share. */
export interface AlbRouterParts {
  facts: AlbFacts;
  /** Between two looks at the health of targets that are waited for. */
  healthPauseMs: number;
}

type Writing = Exclude<Forwarding, { kind: 'other' }>;

/**
 * Splits the traffic of one service by the weights of one rule of an Application Load Balancer, or of one listener's
 * default action. Only Supplant writes these weights: what it wrote last is in the rule's tags, the rule is compared with
 * that before each write and read back after it, and what somebody else has written is told and not overwritten.
 *
 * AWS has no write that depends on what is there. docs/reference/router-aws-alb.md says what can get lost between the
 * last look and a write, and how it is found then.
 */
export class AwsAlbRouter implements Router {
  readonly #place: RulePlace;
  readonly #record: RuleRecord;
  readonly #spec: AwsAlbRouterSpec;
  readonly #facts: AlbFacts;
  readonly #healthPauseMs: number;

  constructor(place: RulePlace, spec: AwsAlbRouterSpec, { facts, healthPauseMs }: AlbRouterParts) {
    this.#place = place;
    this.#record = new RuleRecord(place);
    this.#spec = spec;
    this.#facts = facts;
    this.#healthPauseMs = healthPauseMs;
  }

  async apply(route: Route, accepting?: string): Promise<RouteObservation> {
    const faults = [...findRouteFaults(route), ...findAlbFaults(route)];
    if (faults.length > 0) throw new InvalidRouteError(faults.join('; '));
    const found = await this.#record.readSettled(route.service, route);
    const digest = computeRouteDigest(route);
    this.#passFence(found, route.service, route.generation, digest);
    assertUnchanged(this.#place.arn, found, accepting);
    const forwarding = await this.#toForwarding(route);
    const entering = enterGroups(found, forwarding);
    const written: WrittenRoute = {
      service: formatServiceId(route.service),
      generation: route.generation,
      digest,
      after: formatForwarding(forwarding, found.names),
      before: found.words,
      ...(entering ? { via: formatForwarding(entering.forwarding, found.names) } : {}),
      state: route.closed === undefined ? 'open' : 'closed',
      revisions: route.targets.flatMap(({ revision, endpoints }) => {
        const [endpoint] = endpoints;
        const group = groupOf(endpoints);
        return endpoint && group !== undefined ? [{ revision, group, endpoint }] : [];
      }),
    };
    const wait = async (): Promise<void> => {
      const signal = AbortSignal.timeout(CLIENT_LIMITS.healthMs);
      for (const group of entering?.groups ?? []) await this.#untilHealthy(group, found.names, signal);
    };
    const steps: Writable[] = [
      ...(entering ? [{ forwarding: entering.forwarding, then: wait }] : []),
      { forwarding, isAlways: entering !== undefined },
    ];
    await this.#record.write(route.service, found, written, steps);
    return this.#view(route.service, { ...found, forwarding, written, words: written.after });
  }

  async prepare({ service, targets }: Route, signal?: AbortSignal): Promise<void> {
    const { names } = await this.#record.read(service);
    const groups = targets.flatMap(({ weight, endpoints }) => (weight > 0 ? (groupOf(endpoints) ?? []) : []));
    for (const group of groups) await this.#untilHealthy(group, names, signal ?? new AbortController().signal);
  }

  async observe(service: ServiceKey): Promise<RouteObservation | undefined> {
    const found = await this.#record.readSettled(service);
    const { written } = found;
    if (!written || !isOf(written, service) || written.state === 'removed') return undefined;
    return this.#view(service, found);
  }

  async drain(
    service: ServiceKey,
    revision: number,
    deadlineMs: number,
    signal?: AbortSignal,
  ): Promise<DrainObservation> {
    const began = performance.now();
    const { written, forwarding } = await this.#record.read(service);
    const group = written?.revisions.find((each) => each.revision === revision)?.group;
    const weight = forwarding.kind === 'groups' ? forwarding.groups.find((each) => each.group === group)?.weight : 0;
    if (group !== undefined && weight !== undefined && weight > 0) {
      throw new InvalidRouteError(`${formatRevisionName(revision)} has weight ${weight}; it does not drain`);
    }
    // The delay of one that has left the rule is not on record any more: all that may be waited is waited.
    const delayMs = group === undefined ? deadlineMs : await this.#facts.readDelayMs(this.#place, group);
    try {
      await sleep(Math.min(deadlineMs, delayMs), undefined, signal ? { signal } : {});
    } catch (error) {
      throw signal?.aborted ? signal.reason : error;
    }
    return { requests: 0, connections: 0, isUncounted: true, afterMs: Math.round(performance.now() - began) };
  }

  async remove(service: ServiceKey, generation: number, accepting?: string): Promise<void> {
    const found = await this.#record.readSettled(service);
    this.#passFence(found, service, generation, REMOVED);
    assertUnchanged(this.#place.arn, found, accepting);
    const forwarding: Writing = { kind: 'answer', text: NO_TRAFFIC };
    const written: WrittenRoute = {
      service: formatServiceId(service),
      generation,
      digest: REMOVED,
      after: formatForwarding(forwarding, found.names),
      before: found.words,
      state: 'removed',
      revisions: [],
    };
    await this.#record.write(service, found, written, [{ forwarding }]);
  }

  async findObstacles(service: ServiceKey): Promise<string[]> {
    const found = await this.#record.readSettled(service);
    assertOwner(this.#place.arn, found, service);
    const others = describeOthers(this.#place.arn, found);
    const groups = await this.#place.listGroupsOfLoadBalancer();
    const { groupsOfLoadBalancer } = ALB_LIMITS;
    const standing = found.written?.revisions.length ?? 0;
    const crowd =
      `${standing} revisions stand in ${this.#place.arn}, of ${ALB_LIMITS.groupsInAction} that a rule forwards to: ` +
      'let fewer stay warm (retention.warm), or unpin one';
    return [
      ...others,
      ...(standing < ALB_LIMITS.groupsInAction ? [] : [crowd]),
      ...(groups.size < groupsOfLoadBalancer ? [] : [this.#describeFull(groups.size)]),
    ];
  }

  #describeFull(count: number): string {
    const { groupsOfLoadBalancer } = ALB_LIMITS;
    return (
      `the load balancer of ${this.#place.arn} forwards to ${count} target groups, of ${groupsOfLoadBalancer} that it may: ` +
      'remove a service or a warm revision, or use another load balancer'
    );
  }

  /** @throws StaleGenerationError */
  #passFence(found: FoundRule, service: ServiceKey, generation: number, digest: string): void {
    assertOwner(this.#place.arn, found, service);
    const { written } = found;
    if (!written || generation > written.generation) return;
    const id = written.service;
    if (generation < written.generation) {
      throw new StaleGenerationError(`generation ${generation} of ${id} was overtaken by ${written.generation}`);
    }
    if (digest === written.digest) return;
    throw new StaleGenerationError(`generation ${generation} of ${id} was written before with other content`);
  }

  async #toForwarding({ targets, closed }: Route): Promise<Writing> {
    if (closed !== undefined) return { kind: 'answer', text: closed };
    if (targets.length === 0) return { kind: 'answer', text: NO_TRAFFIC };
    const groups = targets.flatMap(({ endpoints, weight }) => {
      const group = groupOf(endpoints);
      return group === undefined ? [] : [{ group, weight }];
    });
    const { stickyMs } = this.#spec;
    const stickySeconds =
      stickyMs === undefined ? await this.#readStickiness(groups.map(({ group }) => group)) : stickyMs / 1_000;
    return { kind: 'groups', groups, ...(stickySeconds === undefined ? {} : { stickySeconds }) };
  }

  /** AWS takes several groups of which one keeps its clients only where the rule keeps them with their group, too. */
  async #readStickiness(groups: readonly string[]): Promise<number | undefined> {
    if (groups.length < 2) return undefined;
    const found = await Promise.all(groups.map((group) => this.#facts.readStickySeconds(this.#place, group)));
    const seconds = found.filter((each) => each !== undefined);
    return seconds.length === 0 ? undefined : Math.max(...seconds);
  }

  async #untilHealthy(group: string, names: GroupNames, signal: AbortSignal): Promise<void> {
    const wanted = this.#spec.healthyLooks ?? ALB_DEFAULTS.healthyLooks;
    for (let looks = 0; ;) {
      const targets = await this.#place.readHealth(group);
      looks = targets.length > 0 && targets.every(({ state }) => state === 'healthy') ? looks + 1 : 0;
      if (looks === wanted) return;
      const words = targets.map((target) => target.words).join(', ') || 'it has no targets';
      try {
        await sleep(this.#healthPauseMs, undefined, { signal });
      } catch {
        const why = `the targets of ${formatGroup(group, names)} are not healthy yet: ${words}`;
        throw signal.reason instanceof DOMException ? new TargetsNotReadyError(why) : signal.reason;
      }
    }
  }

  async #view(service: ServiceKey, found: FoundRule): Promise<RouteObservation> {
    const { written, forwarding, words } = found;
    const address = await this.#facts.readAddress(this.#place);
    const groups = forwarding.kind === 'groups' ? forwarding.groups : [];
    const targets = await Promise.all(
      (written?.revisions ?? []).map(async ({ revision, group, endpoint }): Promise<TargetObservation> => {
        const weight = groups.find((each) => each.group === group)?.weight ?? 0;
        const health = weight > 0 ? await this.#place.readHealth(group) : [];
        const unreachable = health.filter(({ state }) => state !== 'healthy').map((target) => target.words);
        return { revision, endpoints: [endpoint], weight, ...(unreachable.length > 0 ? { unreachable } : {}) };
      }),
    );
    const isClosed = written?.state === 'closed' && forwarding.kind === 'answer';
    const changed = `somebody else changed the weights, from ${written?.after ?? 'nothing'} to ${words}`;
    return {
      service,
      generation: written?.generation ?? 0,
      address,
      targets,
      ...(isClosed ? { closed: forwarding.text } : {}),
      ...(isAsWritten(found) ? {} : { changedByOthers: changed }),
    };
  }
}

/** What a rollout could not set right, since it is more than weights. */
function describeOthers(arn: string, found: FoundRule): string[] {
  try {
    assertUnchanged(arn, found, undefined);
    return [];
  } catch (error) {
    if (!(error instanceof RouteChangedError)) throw error;
    return error.isOnlyWeights ? [] : [error.message];
  }
}

const REMOVED = 'removed';

/** Groups come in at weight 0 where others have traffic: the load balancer looks at the health of those in its rules only. */
function enterGroups(
  { forwarding: now }: FoundRule,
  wanted: Writing,
): { forwarding: Writing; groups: string[] } | undefined {
  if (now.kind !== 'groups' || wanted.kind !== 'groups') return undefined;
  const isNew = ({ group }: { group: string }): boolean => !now.groups.some((each) => each.group === group);
  const groups = wanted.groups.filter(({ group, weight }) => weight > 0 && isNew({ group })).map(({ group }) => group);
  if (groups.length === 0) return undefined;
  const kept = now.groups.filter(
    ({ group, weight }) => weight > 0 || wanted.groups.some((each) => each.group === group),
  );
  const all = [...kept, ...groups.map((group) => ({ group, weight: 0 }))];
  return { forwarding: { ...wanted, groups: all.slice(0, ALB_LIMITS.groupsInAction) }, groups };
}
