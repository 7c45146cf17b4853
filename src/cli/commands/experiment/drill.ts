import { canonicalJson } from '../../../domain/canonical-json.ts';
import { parseDuration } from '../../../config/duration.ts';
import { jsonObject } from '../../../config/json-field.ts';
import { anchorArtifact } from '../../../config/manifest/artifact-folder.ts';
import { ApiError, type SupplantClient } from '../../../contract/supplant-client.ts';
import {
  type DrillWishes,
  buildDrillExperiment,
  findDrillConflict,
  nameDrill,
} from '../../../domain/experiment/drill/experiment.ts';
import {
  EXPERIMENT_NAME,
  type ExperimentKey,
  type ExperimentSpec,
  formatExperimentId,
} from '../../../domain/experiment/experiment.ts';
import type { CandidateSpec } from '../../../domain/experiment/drill/drill.ts';
import { describeCandidate } from '../../../domain/experiment/drill/candidate.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { type ServiceKey, type ServiceSpec, formatServiceId } from '../../../domain/service/service.ts';
import { UsageError } from '../../errors.ts';
import { readManifestFile, readYamlFile } from '../../manifest-file.ts';
import { onService } from '../../service-argument.ts';
import { type Session, withClient } from '../../session.ts';
import { EXIT } from '../../exit-codes.ts';
import { effectLines } from '../../views/effect.ts';
import { line } from '../../views/text.ts';
import { requestOf } from './ask.ts';
import { type RunOptions, runExperiment } from './follow.ts';

export interface DrillOptions extends RunOptions {
  artifact?: string;
  /** The manifest of a release that is not applied yet. */
  file?: string;
  patch?: string;
  ttl?: string;
  name?: string;
}

/** Tries a rollback of a service: describes the experiment that does so, runs it, and ends as the run does. */
export async function drill(session: Session, given: string | undefined, options: DrillOptions): Promise<number> {
  const wishes = await readWishes(session, options);
  const manifest = options.file === undefined ? undefined : await readManifestFile(session.context, options.file);
  const service = chooseService(given, manifest, options);
  const change = requestOf(session, options);
  const key = await withClient(session, (client) =>
    onService(client, service, async (of) => {
      const experiment = nameExperiment(of, options.name);
      const before = await findBefore(client, experiment, of);
      const release = manifest ? { release: await findCandidate(client, manifest) } : {};
      const spec = buildDrillExperiment(experiment, of, { ...wishes, ...release }, before);
      const effect = await client.experiments.apply(spec, { ...change, requestId: `${change.requestId}-apply` });
      // What is not described like that yet cannot be asked whether it may run.
      const isSame = before !== undefined && canonicalJson(before) === canonicalJson(spec);
      const rehearsed = options.dryRun && isSame ? (await client.experiments.run(experiment, change)).effect : effect;
      if (options.dryRun) sayRehearsed(session, experiment, rehearsed);
      return experiment;
    }),
  );
  if (options.dryRun) return EXIT.ok.code;
  return runExperiment(session, formatExperimentId(key), { ...options, requestId: change.requestId });
}

/** The one that is named, or that the manifest describes. */
function chooseService(
  given: string | undefined,
  manifest: ServiceSpec | undefined,
  { artifact, file = '' }: DrillOptions,
) {
  if (manifest && artifact !== undefined) {
    throw new UsageError('--artifact and --file both name a release', { suggestion: 'leave one of them out' });
  }
  const described = manifest && formatServiceId(manifest.service);
  if (described !== undefined && given !== undefined && given !== described) {
    throw new UsageError(`${file} describes ${described}, not ${given}`, {
      suggestion: `supplant drill --file ${file}`,
    });
  }
  const service = described ?? given;
  if (service !== undefined) return service;
  throw new UsageError('which service is to be drilled is not said', {
    suggestion: 'write supplant drill web/production, or name its manifest: --file supplant.yaml',
  });
}

/** What applying the manifest would make, as a drill is told. */
async function findCandidate(client: SupplantClient, manifest: ServiceSpec): Promise<CandidateSpec> {
  const { status } = await client.view(manifest.service);
  const candidate = describeCandidate(status.spec, manifest);
  if (!('fault' in candidate)) return candidate;
  throw new UsageError(`the manifest cannot be drilled: ${candidate.fault}`, {
    suggestion: 'apply it where a drill is not demanded, and drill what is live then',
  });
}

function nameExperiment(service: ServiceKey, name: string | undefined): ExperimentKey {
  if (name === undefined) return nameDrill(service);
  if (EXPERIMENT_NAME.test(name)) return { name, environment: service.environment };
  throw new UsageError(`--name: '${name}' names no experiment`, {
    suggestion: 'write 1 to 24 lower-case letters, digits and single hyphens, a letter first',
  });
}

async function findBefore(
  client: SupplantClient,
  key: ExperimentKey,
  service: ServiceKey,
): Promise<ExperimentSpec | undefined> {
  const spec = await client.experiments.view(key).then(
    (view) => view.spec,
    (error: unknown) => {
      if (error instanceof ApiError && error.reason === 'NOT_FOUND') return undefined;
      throw error;
    },
  );
  const conflict = spec && findDrillConflict(spec, service);
  if (conflict === undefined) return spec;
  throw new UsageError(`there is an experiment ${formatExperimentId(key)} already, and ${conflict}`, {
    suggestion: 'give the drill another name: --name web-back',
  });
}

async function readWishes(session: Session, { artifact, patch, ttl }: DrillOptions): Promise<DrillWishes> {
  const { workingDirectory } = session.context;
  return {
    ...(artifact === undefined ? {} : { release: { artifact: anchorArtifact(artifact, workingDirectory) } }),
    ...(patch === undefined ? {} : { patch: await readPatch(session, patch) }),
    ...(ttl === undefined ? {} : { ttlMs: readTtl(ttl) }),
  };
}

function readPatch({ context }: Session, file: string): Promise<JsonObject> {
  return readYamlFile(context, file, jsonObject(), 'a patch, such as {blueprint: {config: {env: {DB: …}}}}');
}

function readTtl(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined && milliseconds > 0) return milliseconds;
  throw new UsageError(`--ttl: '${text}' is not a duration`, { suggestion: 'write 30m or 1h30m' });
}

function sayRehearsed({ terminal }: Session, experiment: ExperimentKey, effect: string): void {
  const name = formatExperimentId(experiment);
  terminal.done('ran', { experiment: name, effect, run: null }, ({ width }) => [
    ...effectLines(name, effect, width),
    line('Nothing was started: this is a dry run.'),
  ]);
}
