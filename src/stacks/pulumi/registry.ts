import type { BlueprintRef } from '../../domain/service/service.ts';
import type { Blueprint, Fault } from '../blueprint.ts';
import { BlueprintError, MissingBlueprintError, type StackInput } from '../driver.ts';

/** The blueprints that this installation offers, by name. */
export class BlueprintRegistry {
  readonly #byName: ReadonlyMap<string, Blueprint>;

  constructor(blueprints: readonly Blueprint[]) {
    this.#byName = new Map(blueprints.map((blueprint) => [blueprint.name, blueprint]));
  }

  all(): Blueprint[] {
    return [...this.#byName.values()];
  }

  find(ref: Pick<BlueprintRef, 'name'>): Blueprint | undefined {
    return this.#byName.get(ref.name);
  }

  unknown(name: string): Fault {
    return {
      path: 'blueprint.name',
      message: `'${name}' is not known here; known are ${[...this.#byName.keys()].join(', ')}`,
    };
  }

  /** @throws BlueprintError for a name that is not known here */
  get(ref: Pick<BlueprintRef, 'name'>): Blueprint {
    const blueprint = this.find(ref);
    if (blueprint) return blueprint;
    throw new BlueprintError(`blueprint ${this.unknown(ref.name).message}`);
  }

  /**
   * The blueprint that makes exactly the stack which was decided on.
   * @throws MissingBlueprintError for an unknown name, and when the installed sources are not those the revision is made from
   */
  getExact({ blueprint: wanted }: StackInput): Blueprint {
    const blueprint = this.find(wanted);
    if (!blueprint) throw new MissingBlueprintError(`blueprint ${this.unknown(wanted.name).message}`, wanted);
    if (blueprint.digest === wanted.digest) return blueprint;
    throw new MissingBlueprintError(
      `the revision is made from blueprint ${wanted.name} at ${wanted.digest.slice(0, 12)}, but ` +
        `${blueprint.digest.slice(0, 12)} is installed`,
      wanted,
    );
  }
}
