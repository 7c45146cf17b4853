import { setTimeout as sleep } from 'node:timers/promises';
import { Instance, type InstanceBehaviour } from './instance.ts';

/** What is asked for. An `instance` serves HTTP; a `group` is a name that others refer to. */
export interface ResourceRequest {
  name: string;
  kind: 'group' | 'instance';
  tags: Record<string, string>;
  /** Until it is there, in milliseconds. What was accepted is made, whatever becomes of who asked. */
  createMs: number;
  /** What an instance answers its users. */
  version?: string;
  behaviour?: InstanceBehaviour;
}

export interface Resource extends Pick<ResourceRequest, 'name' | 'kind' | 'tags'> {
  state: 'creating' | 'running' | 'deleting';
  /** Of an instance that runs. */
  address?: { host: string; port: number };
}

/** A call of the API, for whoever judges a run. */
export interface CloudCall {
  /** As the caller calls itself. */
  caller: string;
  verb: 'create' | 'read' | 'delete' | 'list';
  name: string;
  status: number;
}

export interface Page {
  resources: Resource[];
  /** Where to go on; missing on the last page. */
  next?: string;
}

const PAGE = 5;

interface Kept {
  resource: Resource;
  made: Promise<void>;
  instance?: Instance;
}

/** The resources of a cloud by their names, of which there is one each, and all that was asked of it. */
export class Cloud {
  readonly #host: string;
  readonly #kept = new Map<string, Kept>();
  readonly calls: CloudCall[] = [];

  /** @param host where instances listen */
  constructor(host: string) {
    this.#host = host;
  }

  /** Undefined where there is one of that name already. It is there once `made` has come true. */
  create(request: ResourceRequest): { made: Promise<Resource> } | undefined {
    const { name, kind, tags } = request;
    if (this.#kept.has(name)) return undefined;
    const resource: Resource = { name, kind, tags, state: 'creating' };
    const kept: Kept = { resource, made: Promise.resolve() };
    this.#kept.set(name, kept);
    kept.made = this.#make(kept, request);
    return { made: kept.made.then(() => resource) };
  }

  find(name: string): Resource | undefined {
    return this.#kept.get(name)?.resource;
  }

  /** What is still being made is made first. Users that it serves are served to the end. */
  async delete(name: string): Promise<boolean> {
    const kept = this.#kept.get(name);
    if (!kept) return false;
    await kept.made;
    kept.resource.state = 'deleting';
    await kept.instance?.stop();
    // Of two who delete it, one may have made the name free for another.
    if (this.#kept.get(name) === kept) this.#kept.delete(name);
    return true;
  }

  /** @param after the `next` of the page before */
  list(tags: Readonly<Record<string, string>> = {}, after = ''): Page {
    const found = [...this.#kept.values()]
      .map(({ resource }) => resource)
      .filter((each) => Object.entries(tags).every(([key, value]) => each.tags[key] === value))
      .filter(({ name }) => name > after)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const resources = found.slice(0, PAGE);
    const last = resources.at(-1);
    return { resources, ...(last && found.length > PAGE ? { next: last.name } : {}) };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#kept.keys()].map((name) => this.delete(name)));
  }

  async #make(kept: Kept, { createMs, kind, version = '', behaviour = 'good' }: ResourceRequest): Promise<void> {
    await sleep(createMs);
    if (kind === 'instance') {
      const instance = await Instance.start(this.#host, version, behaviour);
      kept.instance = instance;
      kept.resource.address = { host: this.#host, port: instance.port };
    }
    kept.resource.state = 'running';
  }
}
