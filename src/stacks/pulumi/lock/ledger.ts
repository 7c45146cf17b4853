import type { ProcessIdentity } from '../../../host/process-identity.ts';
import type { StackId } from '../../blueprint.ts';
import type { StackInput } from '../../driver.ts';
import type { OperationSpec } from '../operation/operation-folder.ts';
import type { Outcome } from '../operation/outcome.ts';

/** Who claims stacks: a worker's process, and the host that it is of. */
export interface Holder {
  /** See `host-id.ts`. */
  host: string;
  /** What the machine calls itself, which is what the engine writes into its locks. */
  machine: string;
  owner: ProcessIdentity;
}

/** An operation on a stack that is under way, or was when its worker died. */
export interface Claim extends Holder {
  id: StackId;
  operation: string;
  /** Rises with each claim of the stack that is not carried on, and never falls, whoever releases what. */
  token: number;
  /** For people: by the clock of the holder's machine. */
  startedAt: string;
  /** Whether its lease was over when this was read, by the database's clock. */
  isLeaseOver: boolean;
  /** Where an engine works on it, from before there is a folder until after it was removed. On its own host. */
  folder?: string;
  /** What came of it, where nobody has asked for that yet. */
  kept?: KeptOutcome;
  /** Machines whose claims were taken from them since the stack was free: their engines may have left locks. */
  abandoned: readonly string[];
}

/** Enough to answer who asks for the same operation again. */
export interface KeptOutcome {
  spec: OperationSpec;
  outcome: Outcome;
}

/** What a claim's lease goes by: one that was taken over by another host has another token. */
export type ClaimKey = Pick<Claim, 'id' | 'host' | 'token'>;

export interface ClaimRequest {
  id: StackId;
  operation: string;
  holder: Holder;
  /** How long the claim counts unless it is renewed, in milliseconds. */
  leaseMs: number;
}

/**
 * How a claim passes to somebody else. `inherit`: with its token and its folder, since what is at work under it is either
 * carried on or ended by who takes it. `resume`: with its folder, under a new token. `supersede`: under a new token, and what
 * is in the folder is out of reach.
 */
export type Succession = 'inherit' | 'resume' | 'supersede';

/** Somebody else's claim, which counts; or one's own, with the one that it has taken the place of, where there was any. */
export type ClaimAnswer = { busy: Claim } | { busy?: undefined; claim: Claim; left?: Claim };

/** How a process of its own renews leases: the module exports {@link OpenLeases}. */
export interface LeaseAccess {
  module: string;
  /** Where the ledger is; it may hold a password. */
  place: string;
}

/** What keeps a claim: all that the process of an engine needs of the ledger. */
export interface LeaseLog {
  /** Has the lease begin anew. False where the claim is somebody else's by now, or nobody's. */
  renew(key: ClaimKey, leaseMs: number): Promise<boolean>;
  /** Keeps what came of the operation in a folder, for who takes the claim over. Nothing where it has another folder by now. */
  keep(key: ClaimKey, folder: string, kept: KeptOutcome): Promise<void>;
}

/** Connects when it is first used. */
export type OpenLeases = (place: string) => LeaseLog & { close(): Promise<void> };

/** Which operation holds which stack, exclusively across all workers of an installation. All writes may be repeated. */
export interface OperationLedger extends LeaseLog {
  /** None where all that use the ledger are on one machine: who is dead is proven there, and no lease counts. */
  readonly leases?: LeaseAccess;
  /**
   * Takes the stack, in one step of the database.
   * @param judge how the claim that is there passes on; undefined where it counts. May be asked more than once
   */
  claim(request: ClaimRequest, judge: (present: Claim) => Succession | undefined): Promise<ClaimAnswer>;
  /**
   * Notes where an engine is about to work on a claimed stack; undefined once nothing is there. What was kept goes. False
   * where the claim is not this owner's any more.
   */
  noteFolder(claim: Claim, folder: string | undefined): Promise<boolean>;
  /**
   * Gives a dead owner's claim, which `by` has taken over, back with what is left of it, unless it has changed hands since. Its
   * lease is over: nothing works under it.
   */
  handBack(left: Claim, by: Claim): Promise<void>;
  /** Frees the stack; one that has changed hands since stays as it is. */
  release(claim: Claim): Promise<void>;
  /** Claims of living and of dead owners, of one host or of all. */
  list(host?: string): Promise<Claim[]>;
}

/** What was asked of a stack first, and whether it has been delivered: a stack is made from one input only. */
export interface Commission {
  /** The input's digest. */
  input: string;
  provisioned: boolean;
  /** The input itself, for who has to destroy the stack and knows its name alone. Missing where it was noted elsewhere. */
  made?: StackInput;
  /** The host that the stack is bound to: only there can anybody know what is left of it. */
  host?: string;
  /** When somebody has said that this host does not come back; by the database's clock, in milliseconds since 1970. */
  forgottenAt?: number;
}

/** A stack that is bound to a host. */
export interface BoundStack extends StackId {
  host: string;
}

/** What each stack is made from, and where. All writes may be repeated. */
export interface CommissionLedger {
  /** Records what the stack is made from, unless something is recorded already; returns what is. */
  commission(id: StackId, asked: { digest: string; input: StackInput; host?: string }): Promise<Commission>;
  find(id: StackId): Promise<Commission | undefined>;
  /** The host that the stack is bound to; undefined where there is none, or nothing is known of the stack. */
  findHost(id: StackId): Promise<string | undefined>;
  /** Whether the stack is whole: not before it is made, nor from the moment on in which its destroy begins. */
  setDelivered(id: StackId, isDelivered: boolean): Promise<void>;
  /** Nothing is left of the stack. */
  forget(id: StackId): Promise<void>;
  /** Stacks that are bound to hosts, without those of hosts that were forgotten. By host, project and name. */
  listBound(): Promise<BoundStack[]>;
  /** The host does not come back: its stacks can be given up from here on, and are not made any more. */
  unbind(host: string): Promise<void>;
}

/** What drivers of an installation have to know of each other's stacks. */
export interface StackLedger {
  operations: OperationLedger;
  commissions: CommissionLedger;
}
