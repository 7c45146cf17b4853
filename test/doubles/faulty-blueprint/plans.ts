import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '../../../src/host/durable-file.ts';
import type { StackId } from '../../../src/stacks/blueprint.ts';
import type { PlannedFault } from './config.ts';

/** What is to go wrong with a stack, and how often each has: on disk, so that no kill makes a fault begin again. */
interface Plan {
  faults: PlannedFault[];
  met: number[];
}

export class FaultPlans {
  readonly #root: string;
  /** Steps of one stack run at once: each counts in its turn. */
  #counting: Promise<unknown> = Promise.resolve();

  constructor(dataDir: string) {
    this.#root = join(dataDir, 'faulty');
  }

  /** Does nothing for a stack that has a plan already. */
  async note(id: StackId, faults: PlannedFault[]): Promise<void> {
    if (await this.#read(id)) return;
    await this.#write(id, { faults, met: faults.map(() => 0) });
  }

  /** The fault that a step meets now, counted before it shows. */
  async meet(id: StackId, on: PlannedFault['on'], resource: string): Promise<PlannedFault | undefined> {
    const counted = this.#counting.then(async () => this.#count(id, on, resource));
    this.#counting = counted.catch(() => undefined);
    return counted;
  }

  async forget(id: StackId): Promise<void> {
    await rm(join(this.#root, id.project, id.stack), { recursive: true, force: true });
  }

  async #count(id: StackId, on: PlannedFault['on'], resource: string): Promise<PlannedFault | undefined> {
    const plan = await this.#read(id);
    const index = plan?.faults.findIndex((fault, position) => {
      const isUsedUp = (plan.met[position] ?? 0) >= (fault.times ?? Number.POSITIVE_INFINITY);
      return fault.on === on && (fault.resource ?? resource) === resource && !isUsedUp;
    });
    if (!plan || index === undefined || index < 0) return undefined;
    plan.met[index] = (plan.met[index] ?? 0) + 1;
    await this.#write(id, plan);
    return plan.faults[index];
  }

  async #read(id: StackId): Promise<Plan | undefined> {
    const text = await readFile(this.#path(id), 'utf8').catch(() => undefined);
    return text === undefined ? undefined : (JSON.parse(text) as Plan);
  }

  async #write(id: StackId, plan: Plan): Promise<void> {
    await writeDurably(this.#path(id), JSON.stringify(plan));
  }

  #path({ project, stack }: StackId): string {
    return join(this.#root, project, stack, 'plan.json');
  }
}
