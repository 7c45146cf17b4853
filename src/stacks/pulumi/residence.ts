import type { StackId } from '../blueprint.ts';
import { BlueprintError, OtherHostError, type StackInput } from '../driver.ts';
import type { Commission, CommissionLedger } from './lock/ledger.ts';
import type { BlueprintRegistry } from './registry.ts';
import type { StatePlace } from './state/place.ts';

export interface ResidenceParts {
  registry: BlueprintRegistry;
  commissions: Pick<CommissionLedger, 'find'>;
  /** This one; see `host-id.ts`. */
  host: string;
  state: StatePlace;
}

/**
 * Which stacks are bound to a host: what they are made of runs on one machine, or their state is a folder there. Another host
 * finds nothing of such a stack, and must not take that for proof that there is nothing.
 */
export class Residence {
  readonly #parts: ResidenceParts;

  constructor(parts: ResidenceParts) {
    this.#parts = parts;
  }

  /** The host that a stack is bound to which is made here; undefined where every worker can look after it. */
  chooseHost({ blueprint }: Pick<StackInput, 'blueprint'>): string | undefined {
    const { registry, state, host } = this.#parts;
    // Of a blueprint that is not known here nobody here can say what it reaches.
    const isReached = registry.find(blueprint)?.reach === 'shared';
    return isReached && state.kind !== 'folder' ? undefined : host;
  }

  /**
   * Refuses a stack that is bound to another host, before anything is touched.
   * @throws OtherHostError, and as {@link checkHost} does
   */
  async refuseElsewhere(id: StackId): Promise<void> {
    const commission = await this.#parts.commissions.find(id);
    if (commission) this.checkHost(id, commission);
  }

  /**
   * @throws OtherHostError where the stack is bound to another host
   * @throws BlueprintError where that one was forgotten: nobody can know anything of the stack any more
   */
  checkHost(id: StackId, commission: Commission): void {
    const { host } = commission;
    if (host === undefined || host === this.#parts.host) return;
    refuseForgotten(id, commission);
    throw new OtherHostError(id.stack, host);
  }

  /** Whether the stack was bound to another host, of which somebody has said that it does not come back. */
  isGivenUp(commission: Commission | undefined): commission is Commission & { host: string } {
    return commission?.forgottenAt !== undefined && commission.host !== this.#parts.host;
  }
}

/** @throws BlueprintError where the host that the stack is bound to was forgotten */
export function refuseForgotten({ stack }: StackId, { host, forgottenAt }: Commission): void {
  if (forgottenAt === undefined) return;
  throw new BlueprintError(
    `${stack} was on host ${host ?? ''}, which was forgotten; deploy a new one, and destroy this one`,
  );
}
