import { Context } from '@temporalio/activity';
import type { VariantSpec } from '../../domain/experiment/experiment.ts';
import { type ResolvedVariant, type VariantFault, resolveVariant } from '../../domain/experiment/resolve.ts';
import { type RunRef, formatRunName } from '../../domain/experiment/run.ts';
import { type BlueprintDescription, type StackDriver, UnfinishedError } from '../../stacks/driver.ts';
import type { Catalogue, RevisionRecord } from '../../store/catalogue/catalogue.ts';
import { createPassingFailure, createPermanentFailure } from '../failures.ts';

export type DescribedVariant = ResolvedVariant & Pick<BlueprintDescription, 'digest' | 'pool'>;

type Revisions = Pick<Catalogue, 'overview' | 'revision'>;
type Describe = Pick<StackDriver, 'describe'>;

/** Something that is wrong with what a run is to make, and what it is wrong with: `variant blue`, `drill`. */
export interface NamedFaults {
  whose: string;
  faults: readonly VariantFault[];
}

/**
 * What variants come to: of what services have now.
 *
 * @throws ApplicationFailure `InvalidRevision` with all that is wrong with them
 */
export async function resolveVariants(
  variants: readonly VariantSpec[],
  catalogue: Revisions,
): Promise<ResolvedVariant[]> {
  const found = await Promise.all(
    variants.map(async (variant) => {
      const resolved = resolveVariant(variant, await findRevision(variant, catalogue));
      const whose = `variant ${variant.name}`;
      return 'faults' in resolved
        ? { whose, faults: resolved.faults, resolved: [] }
        : { whose, faults: [], resolved: [resolved] };
    }),
  );
  refuseFaults(found);
  return found.flatMap(({ resolved }) => resolved);
}

async function findRevision({ source }: VariantSpec, catalogue: Revisions): Promise<RevisionRecord | undefined> {
  if (source.kind !== 'like') return undefined;
  if (source.revision !== undefined) return catalogue.revision(source.service, source.revision);
  const [overview] = await catalogue.overview(source.service);
  return overview?.revisions.find(({ state }) => state === 'live');
}

/**
 * What this installation's blueprints are, and the artifacts so that they mean the same for as long as the run lasts.
 *
 * @throws ApplicationFailure `InvalidRevision` with all that their blueprints do not take
 */
export async function describeVariants(
  stacks: Describe,
  variants: readonly ResolvedVariant[],
  ref: RunRef,
): Promise<DescribedVariant[]> {
  const described = await Promise.all(
    variants.map(async (variant) => ({ ...variant, ...(await describeOne(stacks, variant, ref, variant.name)) })),
  );
  refuseFaults(described.map(({ name, faults }) => ({ whose: `variant ${name}`, faults })));
  return described.map(({ faults: _none, ...variant }) => variant);
}

/** @param what tells it apart from what else the run has looked into */
export async function describeOne(
  stacks: Describe,
  { blueprint, artifact }: Pick<ResolvedVariant, 'blueprint' | 'artifact'>,
  ref: RunRef,
  what: string,
): Promise<BlueprintDescription> {
  const signal = Context.current().cancellationSignal;
  try {
    return await stacks.describe(blueprint, artifact, { signal, request: `${formatRunName(ref)}/${what}` });
  } catch (error) {
    if (error instanceof UnfinishedError) throw createPassingFailure('Unfinished', error.message, error);
    throw error;
  }
}

/** All of them at once. */
export function refuseFaults(named: readonly NamedFaults[]): void {
  const faults = named.flatMap(({ whose, faults: of }) =>
    of.map(({ path, message }) => `${whose}: ${path} ${message}`),
  );
  if (faults.length > 0) throw createPermanentFailure('InvalidRevision', faults.join('; '));
}
