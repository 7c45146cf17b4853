import { ApiError } from '../../../contract/supplant-client.ts';
import { buildCandidate, chooseReleases, resolveDrill } from '../../../domain/experiment/drill/resolve.ts';
import type { DrillSpec } from '../../../domain/experiment/drill/drill.ts';
import { type ExperimentSpec, locateVariant } from '../../../domain/experiment/experiment.ts';
import type { ExperimentFault } from '../../../domain/experiment/faults.ts';
import { type ResolvedVariant, resolveVariant } from '../../../domain/experiment/resolve.ts';
import { readRollback } from '../../../activities/experiment/rollback.ts';
import type { RequestMeta } from '../../../domain/service/requests.ts';
import { DEFAULT_ROUTER, type ServiceSpec } from '../../../domain/service/service.ts';
import type { Catalogue } from '../../../store/catalogue/catalogue.ts';

/** Asks a worker, which has the blueprints and reaches the artifacts, what is wrong with a release. Changes nothing. */
export type LookAtRelease = (spec: ServiceSpec, change: RequestMeta) => Promise<ExperimentFault[]>;

/** A release that a run would make, and where an experiment says so. */
interface PlacedRelease {
  name: string;
  release: Pick<ResolvedVariant, 'artifact' | 'blueprint'> & Partial<Pick<ResolvedVariant, 'checks'>>;
  /** Where its faults stand in the manifest. */
  place: (path: string) => string;
}

type Revisions = Pick<Catalogue, 'service' | 'overview' | 'rollouts' | 'revision'>;

/** What is found of the releases of an experiment. */
export interface ReleaseFaults {
  faults: ExperimentFault[];
  /** Why nobody could look at them. */
  unknown?: string;
}

/** Everything that blueprints do not take of what a run would make now, each at its place. */
export async function findReleaseFaults(
  spec: ExperimentSpec,
  catalogue: Revisions,
  look: LookAtRelease,
  change: RequestMeta,
): Promise<ReleaseFaults> {
  const { experiment, drill } = spec;
  const placed = drill ? await placeDrill(drill, catalogue) : await placeVariants(spec, catalogue);
  const found = await Promise.all(
    placed.releases.map(async ({ name, release, place }): Promise<ReleaseFaults> => {
      const meta = { ...change, requestId: `${change.requestId}-${name}`, dryRun: true };
      try {
        const faults = await look(toServiceSpec(release, locateVariant(experiment, 0, name).service), meta);
        return { faults: faults.map(({ path, message }) => ({ path: place(path), message })) };
      } catch (error) {
        // What nobody can be asked now is found out by the run.
        if (error instanceof ApiError && error.reason === 'UNAVAILABLE') return { faults: [], unknown: error.message };
        throw error;
      }
    }),
  );
  const unknown = found.find((each) => each.unknown !== undefined)?.unknown;
  const faults = [...placed.faults, ...found.flatMap((each) => each.faults)];
  return { faults, ...(unknown === undefined ? {} : { unknown }) };
}

interface Placed {
  releases: PlacedRelease[];
  faults: ExperimentFault[];
}

async function placeVariants({ variants }: ExperimentSpec, catalogue: Revisions): Promise<Placed> {
  const all = await Promise.all(
    variants.map(async (variant, index): Promise<Placed> => {
      const at = `variants[${index}]`;
      const { name, source, checks } = variant;
      if (source.kind === 'release') {
        const release = { ...source, ...(checks ? { checks } : {}) };
        return { releases: [{ name, release, place: (path) => `${at}.${path}` }], faults: [] };
      }
      const revision =
        source.revision === undefined
          ? (await readRollback(catalogue, source.service)).live
          : await catalogue.revision(source.service, source.revision);
      // Without a patch it is what was taken before; without a revision, there is nothing to look at yet.
      if (!source.patch || !revision) return { releases: [], faults: [] };
      const resolved = resolveVariant(variant, { ...revision, service: source.service });
      if ('faults' in resolved) {
        return { releases: [], faults: resolved.faults.map((fault) => ({ ...fault, path: `${at}.${fault.path}` })) };
      }
      const { artifact, blueprint } = resolved;
      return {
        releases: [{ name, release: { artifact, blueprint }, place: (path) => `${at}.patch.${path}` }],
        faults: [],
      };
    }),
  );
  return { releases: all.flatMap(({ releases }) => releases), faults: all.flatMap(({ faults }) => faults) };
}

/** The candidate as it would be deployed; and with a patch, the older release with that. */
async function placeDrill(drill: DrillSpec, catalogue: Revisions): Promise<Placed> {
  const { service, release, patch } = drill;
  const facts = await readRollback(catalogue, service);
  const described = (await catalogue.service(service))?.spec;
  const candidate = release && described ? buildCandidate(release, described) : undefined;
  if (candidate && 'faults' in candidate) return { releases: [], faults: atDrill(candidate.faults) };
  const tried: PlacedRelease[] = candidate
    ? [
        {
          name: 'release',
          release: candidate,
          place: (path) => placeInCandidate(path, release?.artifact !== undefined),
        },
      ]
    : [];
  if (!patch) return { releases: tried, faults: [] };
  const chosen = chooseReleases(service, { ...facts, ...(candidate ? { candidate } : {}) });
  // A service that has nothing to go back to yet may have by then.
  if ('faults' in chosen) return { releases: tried, faults: [] };
  const made = resolveDrill(drill, chosen);
  if ('faults' in made) return { releases: tried, faults: atDrill(made.faults) };
  const back = made.flatMap(({ name, artifact, blueprint }): PlacedRelease[] =>
    name === 'back' ? [{ name, release: { artifact, blueprint }, place: (path) => `drill.patch.${path}` }] : [],
  );
  return { releases: [...tried, ...back], faults: [] };
}

function placeInCandidate(path: string, hasArtifact: boolean): string {
  return path === 'artifact' && hasArtifact ? 'drill.release.artifact' : `drill.release.${placeInPatch(path)}`;
}

function placeInPatch(path: string): string {
  return path.startsWith('checks[') ? path : `patch.${path}`;
}

function atDrill(faults: readonly ExperimentFault[]): ExperimentFault[] {
  return faults.map((fault) => ({ ...fault, path: `drill.${fault.path}` }));
}

/** A release as the service that a worker is asked about. It has the name of a variant's stack, which no service has. */
function toServiceSpec(release: PlacedRelease['release'], service: ServiceSpec['service']): ServiceSpec {
  const { artifact, blueprint, checks = [] } = release;
  return {
    ...{ service, artifact, blueprint: { name: blueprint.name, config: blueprint.config }, checks },
    router: DEFAULT_ROUTER,
    strategy: { kind: 'blue-green', bakeMs: 0 },
    retention: { warm: 0, warmForMs: 0 },
  };
}
