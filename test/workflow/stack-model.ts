import type { DriftFinding } from '../../src/domain/drift/finding.ts';
import { choosePool } from '../../src/domain/pools/pool.ts';
import type { BlueprintRef } from '../../src/domain/service/service.ts';
import { formatRevisionName } from '../../src/domain/service/revision.ts';
import type {
  BlueprintDescription,
  LookRequest,
  StackDriver,
  StackError,
  StackInput,
  StackOutputs,
  StackPlan,
  StackSummary,
} from '../../src/stacks/driver.ts';

export const DIGEST = 'd'.repeat(64);

/** One service's stacks in memory. Notes in `breaches` what would break invariants 2 and 6. */
export class StackModel implements StackDriver {
  readonly breaches: string[] = [];
  faults: BlueprintDescription['faults'] = [];
  /** What provisioning ends with, by revision. */
  readonly failures = new Map<number, StackError>();
  /** What a look finds, or fails with, by revision. */
  readonly drift = new Map<number, DriftFinding[] | StackError>();
  readonly #standing = new Map<number, { proven: boolean }>();
  readonly #serving: (revision: number) => string | undefined;

  /** @param serving why a revision must not be destroyed now, if it must not */
  constructor(serving: (revision: number) => string | undefined) {
    this.#serving = serving;
  }

  standing(revision: number): boolean {
    return this.#standing.has(revision);
  }

  proven(revision: number): boolean {
    return this.#standing.get(revision)?.proven ?? false;
  }

  prove(revision: number): void {
    const stack = this.#standing.get(revision);
    if (stack) stack.proven = true;
    else this.breaches.push(`${formatRevisionName(revision)} is checked, and does not stand`);
  }

  get names(): string[] {
    return [...this.#standing.keys()].sort((a, b) => a - b).map(formatRevisionName);
  }

  async describe({ pool }: BlueprintRef, _artifact: string, _look?: LookRequest): Promise<BlueprintDescription> {
    return { digest: DIGEST, ...choosePool(pool, undefined), faults: this.faults };
  }

  async provision({ revision }: StackInput): Promise<StackOutputs> {
    if (this.proven(revision))
      this.breaches.push(`${formatRevisionName(revision)} is updated after it passed validation`);
    const failure = this.failures.get(revision);
    if (failure) throw failure;
    this.#standing.set(revision, { proven: false });
    return { endpoints: [{ host: '127.0.0.1', port: 40_000 + revision }], notes: {} };
  }

  async destroy({ revision }: StackInput): Promise<void> {
    const serving = this.#serving(revision);
    if (serving !== undefined) this.breaches.push(`${formatRevisionName(revision)} is destroyed: ${serving}`);
    this.#standing.delete(revision);
  }

  async reap(): Promise<void> {
    throw new Error('no rollout reaps');
  }

  async list(): Promise<StackSummary[]> {
    return this.names.map((stack) => ({ project: 'test', stack, resources: 1 }));
  }

  async *pages(): AsyncGenerator<StackSummary[]> {
    yield await this.list();
  }

  async preview(): Promise<StackPlan> {
    throw new Error('no rollout previews');
  }

  async detectDrift({ revision }: StackInput): Promise<DriftFinding[]> {
    if (!this.standing(revision))
      this.breaches.push(`${formatRevisionName(revision)} is looked at, and does not stand`);
    const found = this.drift.get(revision) ?? [];
    if (found instanceof Error) throw found;
    return found;
  }

  async close(): Promise<void> {
    // Nothing is held.
  }
}
