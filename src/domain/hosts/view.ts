import { listPools } from '../pools/served.ts';
import { type StackName, formatStackId } from '../reaper/facts.ts';
import { type Forgotten, type Host, type HostState, judgeHost } from './host.ts';

/** A host for people: how it is, and what runs there. */
export interface HostView {
  id: string;
  /** The machine's name; absent where no worker of it was ever seen. */
  machine?: string;
  version?: string;
  state: HostState;
  /** The pools that its workers serve, or served when they were seen last. */
  pools: string[];
  /** ISO 8601. */
  firstSeenAt?: string;
  lastSeenAt?: string;
  /** How many stacks run there and can be looked after only there. */
  stackCount: number;
  /** Their names with their environments, at most {@link MOST_STACKS}: `production/web-production-r17`. */
  stacks: string[];
  /** What somebody has said last; also of one that has come back. */
  forgotten?: Forgotten;
}

export const MOST_STACKS = 100;

/** All hosts that were seen, or that stacks are bound to, by id. */
export function buildHostViews(
  hosts: readonly Host[],
  bindings: readonly (StackName & { host: string })[],
): HostView[] {
  const known = new Map(hosts.map((host) => [host.id, host]));
  const ids = [...new Set([...known.keys(), ...bindings.map(({ host }) => host)])].sort();
  return ids.map((id) => buildView(id, known.get(id), bindings.filter(({ host }) => host === id).map(formatStackId)));
}

function buildView(id: string, host: Host | undefined, stacks: string[]): HostView {
  const { state, lastSeenAt } = judgeHost(id, host);
  const { name, version, firstSeenAt, forgotten } = host ?? {};
  return {
    id,
    ...(name === undefined || lastSeenAt === undefined ? {} : { machine: name }),
    ...(version === undefined || version === '' ? {} : { version }),
    state,
    pools: listPools(host ? [host] : []),
    ...(firstSeenAt === undefined ? {} : { firstSeenAt }),
    ...(lastSeenAt === undefined ? {} : { lastSeenAt }),
    stackCount: stacks.length,
    stacks: stacks.slice(0, MOST_STACKS),
    ...(forgotten ? { forgotten } : {}),
  };
}
