import { execFile, execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Links of a harness have its pid in their names, so that what a dead one has left can be told. */
const NAME = /^sf(?<pid>\d+)[bv]\d+$/;

interface Link {
  ifname: string;
  addr_info?: { local: string }[];
}

let made = 0;

/** A network of a world's own: a bridge of this machine, with a cable to each machine of the fleet. */
export class FleetNetwork implements AsyncDisposable {
  readonly #bridge: string;
  /** `10.20.30`, of which the hub has `.1`. */
  readonly #prefix: string;
  #last = 1;

  private constructor(bridge: string, prefix: string) {
    this.#bridge = bridge;
    this.#prefix = prefix;
  }

  /** Removes, too, what harnesses have left that were killed. */
  static async open(): Promise<FleetNetwork> {
    const links = await listLinks();
    for (const { ifname } of links) if (isLeft(ifname)) await deleteLink(ifname);
    const network = new FleetNetwork(nextName('b'), choosePrefix(links));
    await ip('link', 'add', network.#bridge, 'type', 'bridge');
    await ip('addr', 'add', `${network.address}/24`, 'dev', network.#bridge);
    await ip('link', 'set', network.#bridge, 'up');
    process.once('exit', network.#removeNow);
    return network;
  }

  /** The hub's. */
  get address(): string {
    return `${this.#prefix}.1`;
  }

  get cidr(): string {
    return `${this.#prefix}.0/24`;
  }

  /**
   * Gives the network namespace of a process an `eth0` with an address of its own.
   * @returns the name of the cable, whose other end is here
   */
  async connect(pid: number): Promise<{ cable: string; address: string }> {
    const cable = nextName('v');
    this.#last += 1;
    await ip('link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid));
    await ip('link', 'set', cable, 'master', this.#bridge, 'up');
    const inside = (...args: string[]) => run('nsenter', ['--net', '--target', String(pid), 'ip', ...args]);
    await inside('link', 'set', 'eth0', 'up');
    const address = `${this.#prefix}.${this.#last}`;
    await inside('addr', 'add', `${address}/24`, 'dev', 'eth0');
    return { cable, address };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#removeNow);
    await deleteLink(this.#bridge);
  }

  readonly #removeNow = (): void => {
    execFileSync('ip', ['link', 'delete', this.#bridge], { stdio: 'ignore' });
  };
}

/** Pulls a cable, or plugs it in again. Nothing where its machine is lost. */
export async function setCable(cable: string, state: 'up' | 'down'): Promise<void> {
  await ip('link', 'set', cable, state).catch(() => undefined);
}

/** One whose machine is gone goes with it. */
export async function deleteLink(name: string): Promise<void> {
  await ip('link', 'delete', name).catch(() => undefined);
}

/** Why no machines can be made here; undefined where they can. */
export async function findObstacle(): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    return 'machines are made of namespaces: run it on Linux, as root';
  }
  try {
    await run('unshare', ['--net', '--pid', '--mount', '--uts', '--fork', '--mount-proc', 'true']);
    const network = await FleetNetwork.open();
    await network[Symbol.asyncDispose]();
    return undefined;
  } catch (error) {
    return `machines are made of namespaces, which cannot be made here: ${(error as Error).message.trim()}`;
  }
}

async function ip(...args: string[]): Promise<string> {
  return (await run('ip', args)).stdout;
}

async function listLinks(): Promise<Link[]> {
  return JSON.parse(await ip('-json', 'addr', 'show')) as Link[];
}

function isLeft(name: string): boolean {
  const pid = NAME.exec(name)?.groups?.pid;
  return pid !== undefined && !existsSync(`/proc/${pid}`);
}

function nextName(kind: 'b' | 'v'): string {
  made += 1;
  return `sf${process.pid}${kind}${made}`;
}

function choosePrefix(links: readonly Link[]): string {
  const taken = new Set(links.flatMap(({ addr_info: addresses = [] }) => addresses.map(({ local }) => local)));
  for (;;) {
    const prefix = `10.${randomInt(1, 255)}.${randomInt(0, 255)}`;
    if (![...taken].some((address) => address.startsWith(`${prefix}.`))) return prefix;
  }
}
