import { type HostStanding, judgeHost } from '../../domain/hosts/host.ts';
import { describeAbsence } from '../../domain/hosts/words.ts';
import { type StackName, type StackPlace, formatStackId } from '../../domain/reaper/facts.ts';
import type { HostBindings } from '../../store/hosts/bindings.ts';
import type { HostRegistry } from '../../store/hosts/registry.ts';
import { type FactSources, type Findings, findStacks } from './facts.ts';

export type MachineParts = Pick<FactSources, 'stacks'> & {
  hosts: HostRegistry;
  bindings: Pick<HostBindings, 'listBound'>;
  /** The host that this is. */
  host: string;
};

/** Whether a host has put down what it has, for this look. */
export interface HostAnswer {
  host: string;
  isListed?: boolean;
  /** Why it has not, in words; that it is away unless told. */
  because?: string;
}

/** What runs on machines, and of which of them that could not be had, and why. */
export interface Machines {
  found: StackPlace[];
  /** Of the host that this is. */
  missing?: string;
  /** Of the others, by host. */
  hosts: Record<string, string>;
}

/** Hosts beside this one that are there: each has to say itself what it has. */
export async function findOtherHosts(parts: MachineParts): Promise<string[]> {
  return (await listOthers(parts)).filter(({ state }) => state === 'live').map(({ host }) => host);
}

/**
 * Hosts beside this one that have stacks or may have some. Of those that are away it is known: whoever runs workers in
 * containers has a new host with each of them, and most leave nothing.
 */
async function listOthers({ hosts, host, bindings }: MachineParts): Promise<HostStanding[]> {
  const bound = new Set((await bindings.listBound()).map((each) => each.host));
  const known = new Map((await hosts.list()).map((each) => [each.id, each]));
  const others: HostStanding[] = [];
  for (const id of new Set([...known.keys(), ...bound])) {
    const standing = judgeHost(id, known.get(id));
    if (id === host || standing.state === 'forgotten') continue;
    const hasStacks = async (): Promise<boolean> =>
      bound.has(id) || ((await hosts.inventory(id))?.found.length ?? 0) > 0;
    if (standing.state === 'live' || (await hasStacks())) others.push(standing);
  }
  return others;
}

/** Puts down what this host has, for whoever looks at all of them. */
export async function takeInventory({ hosts, host, ...parts }: MachineParts): Promise<void> {
  await hosts.saveInventory(host, await findStacks(parts, 'machine'));
}

/** @param answers of the other hosts that were asked; of the rest it is said why they were not */
export async function gatherMachines(parts: MachineParts, answers: readonly HostAnswer[]): Promise<Machines> {
  const own = await findStacks(parts, 'machine');
  const listed = new Map<string, Findings>([[parts.host, own]]);
  const missing: Record<string, string> = {};
  for (const standing of await listOthers(parts)) {
    const { host } = standing;
    const { isListed, because } = answers.find((answer) => answer.host === host) ?? {};
    const inventory = isListed ? await parts.hosts.inventory(host) : undefined;
    if (inventory) listed.set(host, inventory);
    const why = inventory ? inventory.missing : (because ?? describeAbsence(standing));
    if (why !== undefined) missing[host] = why;
  }
  const alone = own.missing === undefined ? {} : { missing: own.missing };
  return { found: locateStacks(listed), ...alone, hosts: missing };
}

/**
 * Where each stack is. What all list is in a state that they share: whose process it has, if any, only the driver knows, which
 * any worker may ask.
 */
function locateStacks(listed: ReadonlyMap<string, Findings>): StackPlace[] {
  const places = new Map<string, { id: StackName; on: string[] }>();
  for (const [host, { found }] of listed) {
    for (const id of found) {
      const place = places.get(formatStackId(id)) ?? { id, on: [] };
      place.on.push(host);
      places.set(formatStackId(id), place);
    }
  }
  return [...places.values()].map(({ id, on: [host, ...others] }) => ({
    ...id,
    ...(host === undefined || others.length + 1 === listed.size ? {} : { host }),
  }));
}
