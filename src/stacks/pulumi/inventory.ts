import type { BlueprintReach, StackId } from '../blueprint.ts';
import type { StackSummary } from '../driver.ts';
import type { Parts } from './parts.ts';

/** Enough stacks for a page to be worth its while, few enough for nobody to wait for it. */
const PAGE = 100;

/** All stacks of which anything is known or found, in the engine's state and by blueprints. */
export class StackInventory {
  readonly #parts: Pick<Parts, 'registry' | 'store'>;

  constructor(parts: Pick<Parts, 'registry' | 'store'>) {
    this.#parts = parts;
  }

  /** @param only this one, with its processes */
  async list(only?: StackId): Promise<StackSummary[]> {
    if (only) return this.#inspected(only);
    const summaries: StackSummary[] = [];
    for await (const page of this.pages()) summaries.push(...page);
    return summaries;
  }

  /** @param reach only what blueprints of that reach find themselves, without the engine's state */
  async *pages(reach?: BlueprintReach): AsyncGenerator<StackSummary[]> {
    const { registry, store } = this.#parts;
    const told = new Set<string>();
    const fresh = (summaries: StackSummary[]): StackSummary[] =>
      summaries.filter(({ project, stack }) => !told.has(`${project}/${stack}`) && told.add(`${project}/${stack}`));
    const inState = reach === 'shared' ? [] : await store.list();
    for (let from = 0; from < inState.length; from += PAGE) {
      yield fresh(await Promise.all(inState.slice(from, from + PAGE).map(async (id) => this.#inState(id))));
    }
    for (const blueprint of registry.all()) {
      if (reach !== undefined && (blueprint.reach ?? 'machine') !== reach) continue;
      for await (const page of blueprint.inventory()) {
        const summaries = fresh(
          page.map(({ project, stack, traces }) => ({ project, stack, resources: traces.length })),
        );
        if (summaries.length > 0) yield summaries;
      }
    }
  }

  async #inState(id: StackId): Promise<StackSummary> {
    return { ...id, resources: (await this.#parts.store.read(id))?.resources.length ?? 0 };
  }

  async #inspected(id: StackId): Promise<StackSummary[]> {
    const { registry, store } = this.#parts;
    const { project, stack } = id;
    const state = await store.read(id);
    const found = await Promise.all(registry.all().map(async (blueprint) => blueprint.inspect?.(id) ?? []));
    // Of blueprints that share a kind of process, each sees the same ones.
    const processes = found.find((some) => some.length > 0) ?? [];
    return state || processes.length > 0
      ? [{ project, stack, resources: state?.resources.length ?? 0, processes }]
      : [];
  }
}
