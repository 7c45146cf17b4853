import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { codeOf } from './faults.ts';
import { parseRemovedService, parseSavedRoute } from './parse.ts';
import type { RouterState } from './state.ts';
import type { WriterTask, Written } from './state-writer.ts';

const FORMAT = 'supplant-router/1';

/** `router.json` in the data folder. One process at a time writes it. */
export class StateFile {
  readonly path: string;
  readonly #writer: Worker;

  /** @throws Error when the folder cannot be made or opened */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.path = join(folder, 'router.json');
    const workerData: WriterTask = { path: this.path, folder };
    this.#writer = new Worker(new URL('./state-writer.ts', import.meta.url), { workerData });
  }

  /** @throws Error that says what to do, when the file is there and is not a router's state */
  read(): RouterState {
    const text = this.#text();
    if (text === undefined) return { routes: [], removed: [] };
    const { state, faults } = parseState(text);
    if (state) return state;
    throw new Error(
      `${this.path} is not a state this router can read: ${faults.join('; ')}. Put back a good copy, or delete the ` +
        `file to start without routes: the next rollout of each service writes its route again.`,
    );
  }

  /**
   * When it returns, the state survives a power cut; before, the last one does. One write at a time. A thread of its
   * own waits for the disk, because requests must not; and it makes one step of all that, which takes half the time
   * that handing over each of its steps does.
   * @throws Error when the disk refuses
   */
  async write(state: RouterState): Promise<void> {
    this.#writer.postMessage(JSON.stringify({ format: FORMAT, ...state }));
    const [fault] = (await once(this.#writer, 'message')) as [Written];
    if (fault !== undefined) throw new Error(fault);
  }

  #text(): string | undefined {
    try {
      return readFileSync(this.path, 'utf8');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }
}

function parseState(text: string): { state?: RouterState; faults: string[] } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return { faults: [`not JSON: ${(error as Error).message}`] };
  }
  const { format, routes, removed } = (parsed ?? {}) as Record<string, unknown>;
  if (format !== FORMAT) return { faults: [`format is ${JSON.stringify(format)}, not ${JSON.stringify(FORMAT)}`] };
  if (!Array.isArray(routes) || !Array.isArray(removed)) return { faults: ['routes and removed must be lists'] };
  const readRoutes = routes.map((saved: unknown, index) => parseSavedRoute(saved, `routes[${index}]`));
  const readRemoved = removed.map((saved: unknown, index) => parseRemovedService(saved, `removed[${index}]`));
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
