import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseRemovedService, parseSavedRoute } from './parse.ts';
import { type Sealed, seal, unseal } from './sealed-state.ts';
import { readSlot, writeSlot } from './slot.ts';
import type { RouterState } from './state.ts';

const FORMAT = 'supplant-router/1';

/**
 * The state in the data folder, in two slots: each write overwrites the older one, so that the newer one is whole at
 * every moment. That takes the disk half as long as a new file under the old name. One process at a time writes it.
 */
export class StateFile {
  readonly #slots: readonly [string, string];
  #sequence = 0;
  #older: 0 | 1 = 0;

  /** @throws Error when the folder cannot be made */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.#slots = [join(folder, 'router.0.json'), join(folder, 'router.1.json')];
  }

  /**
   * The newest state that is whole. A slot that is not is a write that nobody was told of; the log says so.
   * @throws Error that says what to do, when there are slots and none can be read
   */
  read(): RouterState {
    const [zero, one] = [readSealed(this.#slots[0]), readSealed(this.#slots[1])];
    const faults = [zero.fault ?? [], one.fault ?? []].flat();
    const newest = newerOf(zero.sealed, one.sealed);
    if (!newest) {
      if (faults.length > 0) throw this.#unreadable(faults);
      return { routes: [], removed: [] };
    }
    for (const fault of faults) console.error(`router: ${fault}; going on from the other slot`);
    this.#sequence = newest.sequence;
    this.#older = newest === zero.sealed ? 1 : 0;
    const parsed = parseState(newest.content);
    if (parsed.state) return parsed.state;
    throw this.#unreadable(parsed.faults);
  }

  /**
   * When it returns, the state survives a power cut; before, the last one does. One write at a time. Node's threads
   * wait for the disk, because requests must not.
   * @throws Error when the disk refuses
   */
  async write(state: RouterState): Promise<void> {
    const path = this.#slots[this.#older];
    const sequence = this.#sequence + 1;
    try {
      await writeSlot(path, seal({ sequence, content: { format: FORMAT, ...state } }));
    } catch (error) {
      throw new Error(`${path} cannot be written: ${(error as Error).message}`, { cause: error });
    }
    // Only now: what a refusing disk leaves behind is overwritten, never the last state that is whole.
    this.#sequence = sequence;
    this.#older = this.#older === 0 ? 1 : 0;
  }

  #unreadable(faults: string[]): Error {
    const [zero, one] = this.#slots;
    return new Error(
      `${zero} and ${basename(one)} hold no state this router can read: ${faults.join('; ')}. Put back a good copy, or ` +
        `delete both files to start without routes: the next rollout of each service writes its route again.`,
    );
  }
}

/** Neither when the slot was never written. */
function readSealed(path: string): { sealed?: Sealed; fault?: string } {
  const text = readSlot(path);
  if (text === undefined) return {};
  try {
    return { sealed: unseal(text) };
  } catch (error) {
    return { fault: `${basename(path)} is damaged: ${(error as Error).message}` };
  }
}

function newerOf(one: Sealed | undefined, other: Sealed | undefined): Sealed | undefined {
  if (!one || !other) return one ?? other;
  return one.sequence > other.sequence ? one : other;
}

function parseState(content: unknown): { state?: RouterState; faults: string[] } {
  const { format, routes, removed } = (content ?? {}) as Record<string, unknown>;
  if (format !== FORMAT) return { faults: [`format is ${JSON.stringify(format)}, not ${JSON.stringify(FORMAT)}`] };
  if (!Array.isArray(routes) || !Array.isArray(removed)) return { faults: ['routes and removed must be lists'] };
  const readRoutes = routes.map((saved: unknown, index) => parseSavedRoute(saved, index));
  const readRemoved = removed.map((saved: unknown, index) => parseRemovedService(saved, index));
  const faults = [...readRoutes, ...readRemoved].flatMap((read) => read.faults);
  if (faults.length > 0) return { faults };
  return {
    state: {
      routes: readRoutes.flatMap(({ value }) => value ?? []),
      removed: readRemoved.flatMap(({ value }) => value ?? []),
    },
    faults,
  };
}
