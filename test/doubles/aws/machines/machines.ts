import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Aws } from '../aws.ts';
import { listFunctions } from './functions.ts';
import { listInstances } from './instances.ts';
import type { ListMachines, Machine } from './machine.ts';
import { listTasks } from './tasks.ts';

/** How soon after a call that may have changed something, and how often anyway, it is looked at what is to run. */
const SOON_MS = 25;
const ANYWAY_MS = 1_000;

/** Actions that change nothing. */
const READS = /^(Describe|List|Get|GET )/;

const LISTS: Record<'instances' | 'tasks' | 'functions', ListMachines> = {
  instances: listInstances,
  tasks: listTasks,
  functions: listFunctions,
};

/** What a program answers every request with. */
export interface Program {
  status: number;
  body: string;
}

/** Undefined for an artifact that does not start. */
export type FindProgram = (artifact: string) => Program | undefined;

interface Running extends Machine {
  server: Server;
  host: string;
  port: number;
}

/**
 * Stands for the machines of AWS, which the emulators only keep lists of: for each instance, task and function that is to
 * run, a real HTTP server at an address of this machine, where the data plane finds it. What it answers is the test's to
 * say, by the artifact.
 */
export class Machines implements AsyncDisposable {
  readonly #aws: Aws;
  readonly #programOf: FindProgram;
  readonly #lists: readonly ListMachines[];
  readonly #running = new Map<string, Running>();
  #isOver = false;
  #looking: Promise<void> | undefined;

  private constructor(aws: Aws, kinds: readonly (keyof typeof LISTS)[], programOf: FindProgram) {
    this.#aws = aws;
    this.#programOf = programOf;
    this.#lists = kinds.map((kind) => LISTS[kind]);
  }

  static start(aws: Aws, kinds: readonly (keyof typeof LISTS)[], programOf: FindProgram): Machines {
    const machines = new Machines(aws, kinds, programOf);
    machines.#looking = machines.#keepLooking();
    return machines;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#looking;
    await Promise.all([...this.#running.values()].map(async (machine) => this.#stop(machine)));
  }

  async #keepLooking(): Promise<void> {
    let [seen, due] = [-1, 0];
    while (!this.#isOver) {
      const { calls } = this.#aws.front;
      const isChanged = calls.slice(Math.max(0, seen)).some(({ action }) => !READS.test(action));
      seen = calls.length;
      if (isChanged || performance.now() >= due) {
        // What cannot be listed now, since something of it is just going, is at the next look.
        await this.#look().catch(() => undefined);
        due = performance.now() + ANYWAY_MS;
      }
      await sleep(SOON_MS);
    }
  }

  async #look(): Promise<void> {
    const wanted = (await Promise.all(this.#lists.map(async (list) => list(this.#aws)))).flat();
    for (const machine of this.#running.values()) {
      if (wanted.every(({ id }) => id !== machine.id)) await this.#stop(machine);
    }
    for (const machine of wanted) if (!this.#running.has(machine.id)) await this.#start(machine);
  }

  async #start(machine: Machine): Promise<void> {
    const program = this.#programOf(machine.artifact);
    if (!program) return;
    const server = createServer((request, reply) => {
      request.resume();
      reply.writeHead(program.status, { 'content-type': 'text/plain' }).end(program.body);
    });
    const host = `127.${randomInt(128, 192)}.${randomInt(0, 256)}.${randomInt(2, 255)}`;
    await once(server.listen(machine.port, host), 'listening');
    const { port } = server.address() as AddressInfo;
    this.#running.set(machine.id, { ...machine, server, host, port });
    const { front, plane } = this.#aws;
    if (machine.group === undefined) plane.place(machine.id, { host, port });
    else await front.loadBalancing.targets.register(machine.group, [{ Id: host, Port: String(port) }]);
  }

  async #stop({ id, group, host, port, server }: Running): Promise<void> {
    this.#running.delete(id);
    const { targets } = this.#aws.front.loadBalancing;
    // Its group may be gone.
    if (group !== undefined) await targets.deregister(group, [{ Id: host, Port: String(port) }]).catch(() => undefined);
    const closed = once(server, 'close');
    server.close();
    server.closeIdleConnections();
    await closed;
  }
}
