import type { StackName } from '../../domain/reaper/facts.ts';

/** A stack that runs on one host, and can be looked after only there. */
export interface HostBinding extends StackName {
  host: string;
}

/** Which stacks are bound to which hosts, as the driver's ledger knows it. */
export interface HostBindings {
  /** By host, project and stack; without those of hosts that were forgotten. */
  listBound(): Promise<HostBinding[]>;
  /** The host does not come back: its stacks are gone with it. May be repeated. */
  unbind(host: string): Promise<void>;
}
