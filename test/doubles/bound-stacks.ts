import type { DriftFinding } from '../../src/domain/drift/finding.ts';
import { formatStackName } from '../../src/domain/service/revision.ts';
import {
  BlueprintError,
  type DestroyContext,
  type OperationContext,
  OtherHostError,
  type StackDriver,
  type StackInput,
  type StackOutputs,
} from '../../src/stacks/driver.ts';

/** What the ledger of drivers knows in the doubles of several hosts: which revision's stack runs where. */
export class Bindings {
  readonly hosts = new Map<number, string>();
  readonly forgotten = new Set<string>();
}

/**
 * A double of the driver of one host: refuses what runs on another one as the Pulumi driver does, and leaves everything else
 * to what it stands on.
 */
export class BoundStacks implements Pick<StackDriver, 'provision' | 'destroy' | 'detectDrift'> {
  readonly #stacks: StackDriver;
  readonly #bindings: Bindings;
  readonly #host: string;

  constructor(stacks: StackDriver, bindings: Bindings, host: string) {
    this.#stacks = stacks;
    this.#bindings = bindings;
    this.#host = host;
  }

  async provision(input: StackInput, context: OperationContext): Promise<StackOutputs> {
    this.#refuse(input);
    if (this.#isForgotten(input)) throw new BlueprintError('its host was forgotten');
    return this.#stacks.provision(input, context);
  }

  async destroy(input: StackInput, context: DestroyContext): Promise<void> {
    this.#refuse(input);
    await this.#stacks.destroy(input, context);
    this.#bindings.hosts.delete(input.revision);
  }

  async detectDrift(input: StackInput, context: OperationContext): Promise<DriftFinding[]> {
    this.#refuse(input);
    return this.#stacks.detectDrift(input, context);
  }

  #refuse(input: StackInput): void {
    const host = this.#bindings.hosts.get(input.revision);
    if (host === undefined || host === this.#host || this.#isForgotten(input)) return;
    throw new OtherHostError(formatStackName(input.service, input.revision), host);
  }

  #isForgotten({ revision }: StackInput): boolean {
    return this.#bindings.forgotten.has(this.#bindings.hosts.get(revision) ?? '');
  }
}
