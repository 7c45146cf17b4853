import { judgeHost } from '../../domain/hosts/host.ts';
import { describeAbsence } from '../../domain/hosts/words.ts';
import { type StackName, type StackPlace, formatStackId } from '../../domain/reaper/facts.ts';
import type { HostRegistry } from '../../store/hosts/registry.ts';
import { type FactSources, type Findings, findStacks } from './facts.ts';

export type MachineParts = Pick<FactSources, 'stacks'> & {
  hosts: HostRegistry;
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

/** Hosts beside this one that may have stacks: each has to say itself what it has. */
export async function findOtherHosts({ hosts, host }: MachineParts): Promise<string[]> {
  const known = await hosts.list();
  return known.filter((each) => judgeHost(each.id, each).state !== 'forgotten' && each.id !== host).map(({ id }) => id);
}

/** Puts down what this host has, for whoever looks at all of them. */
export async function takeInventory({ hosts, host, ...parts }: MachineParts): Promise<void> {
  await hosts.saveInventory(host, await findStacks(parts, 'machine'));
}

/** @param answers of the other hosts */
export async function gatherMachines(parts: MachineParts, answers: readonly HostAnswer[]): Promise<Machines> {
  const own = await findStacks(parts, 'machine');
  const listed = new Map<string, Findings>([[parts.host, own]]);
  const missing: Record<string, string> = {};
  for (const { host, isListed, because } of answers) {
    const inventory = isListed ? await parts.hosts.inventory(host) : undefined;
    if (inventory) listed.set(host, inventory);
    const why = inventory ? inventory.missing : (because ?? (await describeSilence(host, parts)));
    if (why !== undefined) missing[host] = why;
  }
  const alone = own.missing === undefined ? {} : { missing: own.missing };
  return { found: locateStacks(listed), ...alone, hosts: missing };
}

async function describeSilence(host: string, { hosts }: MachineParts): Promise<string> {
  return describeAbsence(judgeHost(host, await hosts.find(host)));
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
