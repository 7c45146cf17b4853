import { formatServer } from './config.ts';
import { type Slot, formatSlot } from './slots.ts';
import type { FoundServer } from './statistics.ts';
import type { Server, Wanted } from './wanted.ts';

/** What has to be ordered so that HAProxy has the servers that are wanted. */
export interface ServerOrders {
  /** Before requests are sent to them. */
  before: Order[];
  /** Once none is sent to those that are not wanted any more: they take nothing new from then on. */
  after: Order[];
  /** Which of them are to be deleted, as soon as HAProxy lets go of them. */
  leaving: string[];
}

export interface Order {
  text: string;
  /** What HAProxy answers when it is done. */
  done: RegExp;
}

const SILENCE = /^$/;

/** Compares what HAProxy has with what it is to have. */
export function planServerOrders(found: readonly FoundServer[], wanted: Wanted, slots: readonly Slot[]): ServerOrders {
  const kept = new Map<string, Server>();
  for (const { revision, servers } of wanted.revisions) {
    const slot = slots.find((each) => each.revision === revision);
    if (slot) for (const server of servers) kept.set(`${formatSlot(slot.number)}/${server.name}`, server);
  }
  const known = new Map(found.map((server) => [`${server.backend}/${server.name}`, server]));
  const unwanted = [...known].filter(([name]) => !kept.has(name));
  return {
    before: [...kept].flatMap(([name, server]) => bringIn(name, server, known.get(name))),
    after: unwanted.flatMap(([name, { isReady }]) => (isReady ? [silent(`set server ${name} state maint`)] : [])),
    leaving: unwanted.map(([name]) => name),
  };
}

function bringIn(name: string, server: Server, found: FoundServer | undefined): Order[] {
  const [backend = ''] = name.split('/');
  const ready = silent(`set server ${name} state ready`);
  if (!found)
    return [{ text: `add server ${backend}/${formatServer(server)}`, done: /^New server registered\.$/ }, ready];
  return [
    ...(found.weight === server.weight ? [] : [silent(`set server ${name} weight ${server.weight}`)]),
    ...(found.isReady ? [] : [ready]),
  ];
}

function silent(text: string): Order {
  return { text, done: SILENCE };
}
