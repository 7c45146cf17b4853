/** One target of a group: an instance's id or an address, and a port. */
export interface Target {
  id: string;
  port: number;
}

export type HealthState = 'initial' | 'healthy' | 'unhealthy' | 'draining' | 'unused';

export interface TargetView extends Target {
  state: HealthState;
  reason?: string;
  description?: string;
}

/** How a group's targets are looked at. */
export interface HealthTerms {
  healthyThreshold: number;
  unhealthyThreshold: number;
}

interface Entry extends Target {
  state: 'initial' | 'healthy' | 'unhealthy';
  /** Looks in a row that ended alike. */
  passed: number;
  failed: number;
  /** On the clock of `performance.now()`; set once the target is being deregistered. */
  drainedAt?: number;
}

const keyOf = ({ id, port }: Target): string => `${id}:${port}`;

/**
 * Stands for what a load balancer knows of its targets, which moto does not model: `initial` until looks at them have
 * passed, `unhealthy` after some have failed, `draining` for the whole deregistration delay, even when nothing is in flight,
 * and `unused` while no rule refers to their group.
 */
export class TargetHealth {
  readonly #groups = new Map<string, Map<string, Entry>>();

  /** A target that is registered again while it drains is a new one. */
  register(group: string, targets: readonly Target[]): void {
    const entries = this.#entries(group);
    for (const target of targets) {
      const known = entries.get(keyOf(target));
      if (known && known.drainedAt === undefined) continue;
      entries.set(keyOf(target), { ...target, state: 'initial', passed: 0, failed: 0 });
    }
  }

  /** One that is not registered is passed over: AWS succeeds. */
  deregister(group: string, targets: readonly Target[], terms: { isInUse: boolean; delayMs: number }): void {
    const entries = this.#entries(group);
    for (const target of targets) {
      const entry = entries.get(keyOf(target));
      if (!entry || entry.drainedAt !== undefined) continue;
      if (terms.isInUse && terms.delayMs > 0) entry.drainedAt = performance.now() + terms.delayMs;
      else entries.delete(keyOf(target));
    }
  }

  forget(group: string): void {
    this.#groups.delete(group);
  }

  /** Nobody looks at the targets of a group that no rule refers to: they begin anew when one does. */
  restart(group: string): void {
    for (const entry of this.#entries(group).values()) Object.assign(entry, { state: 'initial', passed: 0, failed: 0 });
  }

  /** What a look at a target found. */
  report(group: string, target: Target, passed: boolean, terms: HealthTerms): void {
    const entry = this.#entries(group).get(keyOf(target));
    if (!entry) return;
    entry.passed = passed ? entry.passed + 1 : 0;
    entry.failed = passed ? 0 : entry.failed + 1;
    if (entry.passed >= terms.healthyThreshold) entry.state = 'healthy';
    if (entry.failed >= terms.unhealthyThreshold) entry.state = 'unhealthy';
  }

  list(group: string, isInUse: boolean): TargetView[] {
    const entries = this.#entries(group);
    for (const [key, { drainedAt }] of entries) {
      if (drainedAt !== undefined && drainedAt <= performance.now()) entries.delete(key);
    }
    return [...entries.values()].map((entry) => viewOf(entry, isInUse));
  }

  #entries(group: string): Map<string, Entry> {
    const entries = this.#groups.get(group) ?? new Map<string, Entry>();
    this.#groups.set(group, entries);
    return entries;
  }
}

function viewOf({ id, port, state, drainedAt }: Entry, isInUse: boolean): TargetView {
  if (drainedAt !== undefined) {
    const description = 'Target deregistration is in progress';
    return { id, port, state: 'draining', reason: 'Target.DeregistrationInProgress', description };
  }
  if (!isInUse) {
    const description = 'Target group is not configured to receive traffic from the load balancer';
    return { id, port, state: 'unused', reason: 'Target.NotInUse', description };
  }
  if (state === 'initial') {
    const description = 'Initial health checks in progress';
    return { id, port, state, reason: 'Elb.InitialHealthChecking', description };
  }
  if (state === 'unhealthy') {
    return { id, port, state, reason: 'Target.FailedHealthChecks', description: 'Health checks failed' };
  }
  return { id, port, state };
}
