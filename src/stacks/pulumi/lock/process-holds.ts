import { formatStackId } from '../../../domain/reaper/facts.ts';
import type { StackId } from '../../blueprint.ts';

/** How often something is so of a stack of a host. */
class StackCounts {
  readonly #counts = new Map<string, number>();

  of(host: string, id: StackId): number {
    return this.#counts.get(nameOf(host, id)) ?? 0;
  }

  add(host: string, id: StackId, change: 1 | -1): void {
    const count = this.of(host, id) + change;
    if (count > 0) this.#counts.set(nameOf(host, id), count);
    else this.#counts.delete(nameOf(host, id));
  }
}

function nameOf(host: string, id: StackId): string {
  return `${host} ${formatStackId(id)}`;
}

/**
 * What this process knows of its own claims, whichever of its drivers has made them: a claim names the process alone.
 * `held`: operations that hold a stack, or are claiming it. `unreleased`: stacks of which it is still to be noted that they are free.
 */
export const processHolds = { held: new StackCounts(), unreleased: new StackCounts() };
