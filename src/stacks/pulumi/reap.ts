import type { JsonObject } from '../../domain/json.ts';
import type { Blueprint, FoundStack, StackId } from '../blueprint.ts';
import { BlueprintError, ResourceError, type StackInput } from '../driver.ts';
import type { CommissionLedger } from './lock/ledger.ts';
import type { BlueprintRegistry } from './registry.ts';
import type { StackState } from './state/checkpoint.ts';
import type { StateStore } from './state/state-store.ts';

/** What may know how a stack was made. */
export interface Sources {
  registry: BlueprintRegistry;
  store: Pick<StateStore, 'read'>;
  commissions: Pick<CommissionLedger, 'find'>;
}

/** A blueprint that has something of a stack, and what it has to be told to find it. */
export interface Maker {
  blueprint: Blueprint;
  config: JsonObject;
}

/** How a stack that is known by its name alone is destroyed. */
export interface ReapPlan {
  /** What the engine is told. */
  input: StackInput;
  /** Whatever these find is removed. */
  makers: Maker[];
}

/**
 * What a stack was made from: as who asks knows it, or the ledger; else by the blueprint that finds it, else by the types in
 * its state.
 * @throws BlueprintError where the state has what no blueprint here makes
 */
export async function planReap(id: StackId, sources: Sources, known: StackInput | undefined): Promise<ReapPlan> {
  const { registry, commissions } = sources;
  const noted = (await commissions.find(id))?.made;
  const input = [known, noted].find((each) => each && registry.find(each.blueprint));
  // A stack is made from one input only, so it is one blueprint's alone.
  if (input) return { input, makers: [{ blueprint: registry.get(input.blueprint), config: input.blueprint.config }] };
  const makers = registry.all().map((blueprint) => ({ blueprint, config: {} }));
  const state = await sources.store.read(id);
  const maker = (await findMaker(id, makers)) ?? (state && recognise(id, state, registry));
  return { input: guessInput(id, maker ?? registry.all()[0]), makers };
}

async function findMaker(id: StackId, makers: readonly Maker[]): Promise<Blueprint | undefined> {
  for (const maker of makers) if (await findAny(id, maker)) return maker.blueprint;
  return undefined;
}

/** What the engine itself has in every state. */
const OWN_PACKAGES = new Set(['pulumi']);

/**
 * The blueprint whose provider, or plugin, has made what is in the state: a provider of a blueprint's own is called like it.
 * None where nothing in the state needs one.
 */
function recognise(id: StackId, { resources }: StackState, registry: BlueprintRegistry): Blueprint | undefined {
  const packages = [...new Set(resources.map(({ type }) => type.split(':')[0] ?? ''))].filter(
    (name) => !OWN_PACKAGES.has(name),
  );
  if (packages.length === 0) return undefined;
  const makes = ({ name, plugins = [] }: Blueprint): boolean =>
    packages.some((each) => each === name || plugins.some((plugin) => plugin.name === each));
  const maker = registry.all().find(makes);
  if (maker) return maker;
  throw new BlueprintError(
    `${id.stack} has resources of ${packages.join(' and ')}, which no blueprint here makes; run a worker that has the blueprint it is made by`,
  );
}

/** Destroying runs no program, so only the blueprint's name has to be right. */
function guessInput({ project, stack }: StackId, blueprint: Blueprint | undefined): StackInput {
  return {
    service: { name: stack, environment: project },
    revision: 0,
    artifact: '',
    blueprint: { name: blueprint?.name ?? '', digest: blueprint?.digest ?? '', config: {} },
  };
}

/** Removes what any of them finds, and proves that nothing is left. */
export async function sweepAll(id: StackId, makers: readonly Maker[]): Promise<void> {
  for (const { blueprint, config } of makers) await blueprint.sweep(id, config);
  for (const maker of makers) {
    const left = await findAny(id, maker);
    if (left) throw new ResourceError(`something of ${id.stack} is left: ${left.traces.join(', ')}`);
  }
}

async function findAny(id: StackId, { blueprint, config }: Maker): Promise<FoundStack | undefined> {
  for await (const [found] of blueprint.inventory(id, config)) if (found) return found;
  return undefined;
}
