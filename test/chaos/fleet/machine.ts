import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '../../../src/host/polling.ts';
import { identifyProcess } from '../../../src/host/process-identity.ts';
import { OwnClock } from '../clock.ts';
import { type FoundProcess, processesOfNamespace, readNamespace, signal } from '../processes.ts';
import { type FleetNetwork, deleteLink, setCable } from './network.ts';

/** What a machine calls its own folder: the same on each, as where machines are made from one image. */
const OWN = '/mnt';

/** Of which workers are versions, where they are. */
export const DEPLOYMENT = 'fleet';

const STARTS = 'the machine starts its worker';
const READY = 'worker ready';

/** A machine has room for two workers, so that a version can be started beside the one before. */
const SLOTS = [1, 2] as const;
type Slot = (typeof SLOTS)[number];

/** In a slot: a worker that is no version of anything. Else the name of its version; nothing where there is no worker. */
export const UNVERSIONED = '-';

/**
 * The first process of a machine: it starts each worker again whenever that ends, and reaps what nobody waits for. Nobody on
 * a machine sees the files of another one, or the hub's.
 */
const INIT = `
hostname "$1"; own=$2; world=$3; shift 3
ip link set lo up
mount --bind "$own" ${OWN} || exit 1
mount -t tmpfs none "$world" && mount -t tmpfs none /dev/shm || exit 1
cd ${OWN}
until ip -4 addr show dev eth0 2> /dev/null | grep -q inet; do sleep 0.05; done
export SUPPLANT_LOCAL_ADDRESS="$(ip -4 -o addr show dev eth0 | awk '{ print substr($4, 1, index($4, "/") - 1) }')"
keep() {
  slot=$1; shift
  while :; do
    read -r build < slot$slot
    if [ -n "$build" ]; then
      echo '${STARTS}' >> worker$slot.log
      if [ "$build" = '${UNVERSIONED}' ]; then "$@" >> worker$slot.log 2>&1
      else "$@" --deployment '${DEPLOYMENT}' --build "$build" >> worker$slot.log 2>&1; fi
    else sleep 1
    fi
    sleep 0.3
  done
}
keep 1 "$@" &
keep 2 "$@" &
wait
`;

export interface MachineOptions {
  name: string;
  network: FleetNetwork;
  /** The world's folder: the machine's is in it. */
  world: string;
  /** Copied to the machine, as `conf`. */
  conf: string;
  /** Whether it has a clock that can be set. */
  ownClock: boolean;
  /** The versions of its workers; one worker that is none unless told. */
  builds?: readonly string[];
  command: (own: string) => string[];
  env: (own: string) => Record<string, string>;
}

/** For `setpriv`: what it starts ends with this process, however that ends. */
export const WITH_HARNESS = ['--pdeathsig', 'KILL', '--'];

const END_MS = 20_000;

/** A machine of the fleet: namespaces, a name, a disk and a cable of its own, and a worker. */
export class Machine {
  readonly name: string;
  readonly folder: string;
  readonly #options: MachineOptions;
  readonly clock: OwnClock | undefined;
  #process: ChildProcess | undefined;
  #init = 0;
  #namespace = '';
  #cable = '';
  #address = '';
  #isLost = false;
  readonly #builds = new Map<Slot, string>();
  /** Whether a fault has it in hand, that others are to leave it to. */
  isStruck = false;

  private constructor(options: MachineOptions, folder: string) {
    this.#options = options;
    this.name = options.name;
    this.folder = folder;
    this.clock = options.ownClock ? OwnClock.in(folder, OWN) : undefined;
  }

  static async start(options: MachineOptions): Promise<Machine> {
    const folder = join(options.world, 'machines', options.name);
    await mkdir(folder, { recursive: true });
    cpSync(options.conf, join(folder, 'conf'), { recursive: true });
    const machine = new Machine(options, folder);
    const { builds = [UNVERSIONED] } = options;
    for (const [index, slot] of SLOTS.entries()) machine.#fill(slot, builds[index]);
    await machine.#start();
    return machine;
  }

  /** On the world's network. */
  get address(): string {
    return this.#address;
  }

  get log(): string {
    return SLOTS.map((slot) => this.#logOf(slot)).join('');
  }

  /** Whether its workers take work. @throws Error where the machine has ended without having been told to */
  get isReady(): boolean {
    if (this.#isLost) return false;
    if (this.#hasEnded) throw new Error(`${this.name} has ended by itself`);
    return [...this.#builds.keys()].every((slot) => {
      const log = this.#logOf(slot);
      return log.lastIndexOf(READY) > log.lastIndexOf(STARTS);
    });
  }

  /** Starts a worker of a version beside the one that is there. */
  startBuild(build: string): void {
    const free = SLOTS.find((slot) => !this.#builds.has(slot));
    if (free) this.#fill(free, build);
  }

  /** Ends the worker of a version in order. */
  endBuild(build: string): void {
    const slot = SLOTS.find((each) => this.#builds.get(each) === build);
    if (!slot) return;
    this.#fill(slot, undefined);
    for (const worker of this.ofKind('worker')) {
      if (worker.command.endsWith(`--build ${build}`)) signal(worker, 'SIGTERM');
    }
  }

  /** All but the first one and its forks, without which there is no machine: their command lines name its workers, too. */
  processes(): FoundProcess[] {
    const all = this.#all();
    const first = all.find(({ pid }) => pid === this.#init);
    return all.filter(({ command }) => command !== first?.command);
  }

  /** What its workers keep of what runs there and nowhere else. */
  get stacksFolder(): string {
    return join(this.folder, 'data', 'stacks');
  }

  ofKind(...kinds: FoundProcess['kind'][]): FoundProcess[] {
    return this.processes().filter(({ kind }) => kinds.includes(kind));
  }

  /** For good: its processes, its disk and its cable are gone at once. */
  async lose(): Promise<void> {
    this.#isLost = true;
    await this.#end();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async cutOff(forMs: number): Promise<void> {
    await setCable(this.#cable, 'down');
    await sleep(forMs);
    await setCable(this.#cable, 'up');
  }

  /** As a virtual machine that is moved: nothing on it notices but by clocks. */
  async freeze(forMs: number): Promise<void> {
    // Twice: whoever was just being started was in no list yet.
    for (let round = 0; round < 2; round += 1) for (const each of this.#all()) signal(each, 'SIGSTOP');
    await sleep(forMs);
    for (const each of this.#all()) signal(each, 'SIGCONT');
  }

  /** In order, with time to finish what is under way. What is left of it comes back: nothing but a runner that waits. */
  async stop(): Promise<void> {
    if (this.#isLost) return;
    for (const worker of this.ofKind('worker')) signal(worker, 'SIGTERM');
    await waitUntil(END_MS, () => this.ofKind('worker').length === 0);
    this.#isLost = true;
    await this.#end();
  }

  /** What is to run there from its next start on. */
  #fill(slot: Slot, build: string | undefined): void {
    if (build === undefined) this.#builds.delete(slot);
    else this.#builds.set(slot, build);
    if (this.#isLost) return;
    writeFileSync(join(this.folder, `slot${slot}`), `${build ?? ''}\n`);
    // What the one before has said of itself says nothing of this one.
    if (build !== undefined) appendFileSync(this.#locateLog(slot), `${STARTS} soon\n`);
  }

  #logOf(slot: Slot): string {
    try {
      return readFileSync(this.#locateLog(slot), 'utf8');
    } catch {
      return '';
    }
  }

  #locateLog(slot: Slot): string {
    return join(this.folder, `worker${slot}.log`);
  }

  get #hasEnded(): boolean {
    return this.#process?.exitCode !== null || this.#process.signalCode !== null;
  }

  #all(): FoundProcess[] {
    return this.#isLost ? [] : processesOfNamespace(this.#namespace);
  }

  async #start(): Promise<void> {
    const { name, world, network, command, env } = this.#options;
    const namespaces = ['--net', '--pid', '--mount', '--uts', '--fork', '--mount-proc', '--kill-child=SIGKILL'];
    const init = ['/bin/sh', '-c', INIT, 'machine', name, this.folder, world, ...command(OWN)];
    const child = spawn('setpriv', [...WITH_HARNESS, 'unshare', ...namespaces, ...init], {
      // `unshare` says that its child was killed.
      stdio: 'ignore',
      env: { ...withoutProxies(process.env), ...env(OWN), ...this.clock?.env },
    });
    this.#process = child;
    if (!(await waitUntil(END_MS, () => this.#findInit(child.pid ?? 0)))) throw new Error(`${name} does not start`);
    ({ cable: this.#cable, address: this.#address } = await network.connect(this.#init));
  }

  /** The child that `unshare` forks, once it is in namespaces of its own. */
  #findInit(parent: number): boolean {
    const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim();
    const namespace = children === '' ? undefined : readNamespace(Number(children));
    if (namespace === undefined || namespace === readNamespace(process.pid)) return false;
    this.#init = Number(children);
    this.#namespace = namespace;
    return true;
  }

  /** The first process of its pid namespace takes all others with it. */
  async #end(): Promise<void> {
    const init = identifyProcess(this.#init);
    if (init) signal(init, 'SIGKILL');
    if (this.#process && !this.#hasEnded) await once(this.#process, 'exit');
    await deleteLink(this.#cable);
  }
}

/** No proxy leads to a world's own network. */
export function withoutProxies(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(http|https|grpc|all)_proxy$/i.test(name)));
}
