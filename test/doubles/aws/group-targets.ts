import type { MotoClient } from './moto-client.ts';
import { type QueryFields, fieldsOf, listOf, textOf } from './query-protocol.ts';
import { type Target, TargetHealth, type TargetView } from './target-health.ts';
import { type Topology, readGroupAttributes } from './topology.ts';

/**
 * The targets of every group. Those that callers register are kept here, since moto tells them apart by their id alone;
 * those that an Auto Scaling group has registered are taken over from moto, as long as their instances run: moto keeps
 * them after a scale-in and after the end of the group.
 */
export class GroupTargets {
  readonly health = new TargetHealth();
  readonly #moto: MotoClient;
  readonly #topology: Topology;
  readonly #secondMs: number;
  /** What was taken over from moto, by group. */
  readonly #taken = new Map<string, Map<string, Target>>();
  #inUse = new Set<string>();

  constructor(moto: MotoClient, topology: Topology, secondMs: number) {
    this.#moto = moto;
    this.#topology = topology;
    this.#secondMs = secondMs;
  }

  async register(group: string, targets: readonly QueryFields[]): Promise<void> {
    this.health.register(group, await this.#complete(group, targets));
  }

  async deregister(group: string, targets: readonly QueryFields[]): Promise<void> {
    await this.#deregister(group, await this.#complete(group, targets));
  }

  /** As `DescribeTargetHealth` shows them; of those that are asked for, also what is not registered. */
  async list(group: string, asked: readonly QueryFields[] = []): Promise<TargetView[]> {
    await this.#takeOver(group);
    const all = this.health.list(group, this.#inUse.has(group));
    if (asked.length === 0) return all;
    return (await this.#complete(group, asked)).map((target): TargetView => {
      const reason = 'Target.NotRegistered';
      const found = all.find(({ id, port }) => id === target.id && port === target.port);
      return (
        found ?? { ...target, state: 'unused', reason, description: 'Target is not registered to the target group' }
      );
    });
  }

  /** After each change of a rule: a group that comes into use is looked at from the beginning. */
  async refresh(): Promise<void> {
    const now = await this.#topology.groupsInUse();
    for (const group of now) if (!this.#inUse.has(group)) this.health.restart(group);
    this.#inUse = now;
  }

  forget(group: string): void {
    this.health.forget(group);
    this.#taken.delete(group);
  }

  async #deregister(group: string, targets: readonly Target[]): Promise<void> {
    const attributes = await readGroupAttributes(this.#moto, group);
    const delayMs = Number(attributes['deregistration_delay.timeout_seconds'] ?? 300) * this.#secondMs;
    this.health.deregister(group, targets, { isInUse: this.#inUse.has(group), delayMs });
  }

  async #complete(group: string, targets: readonly QueryFields[]): Promise<Target[]> {
    if (targets.length === 0) return [];
    const { Port } = await this.#topology.group(group);
    return targets.map((each) => ({ id: textOf(each.Id), port: Number(textOf(each.Port) || textOf(Port)) }));
  }

  async #takeOver(group: string): Promise<void> {
    const { TargetHealthDescriptions } = await this.#moto.ask('elasticloadbalancing', 'DescribeTargetHealth', {
      TargetGroupArn: group,
    });
    const listed = listOf(TargetHealthDescriptions).map(({ Target: target }) => fieldsOf(target));
    const running = await this.#running(listed.map(({ Id }) => textOf(Id)));
    const complete = await this.#complete(group, listed);
    const present = new Map(complete.filter(({ id }) => running.has(id)).map((target) => [target.id, target]));
    const before = this.#taken.get(group) ?? new Map<string, Target>();
    const gone = [...before].flatMap(([id, target]) => (present.has(id) ? [] : [target]));
    const come = [...present].flatMap(([id, target]) => (before.has(id) ? [] : [target]));
    this.#taken.set(group, present);
    if (gone.length > 0) await this.#deregister(group, gone);
    if (come.length > 0) this.health.register(group, come);
  }

  /** Of these instances, the ones that run. */
  async #running(ids: readonly string[]): Promise<Set<string>> {
    if (ids.length === 0) return new Set();
    const { reservationSet } = await this.#moto.describeInstances(ids);
    const instances = listOf(reservationSet).flatMap(({ instancesSet }) => listOf(instancesSet));
    const isRunning = (instance: QueryFields): boolean => textOf(fieldsOf(instance.instanceState).name) === 'running';
    return new Set(instances.filter(isRunning).map(({ instanceId }) => textOf(instanceId)));
  }
}
