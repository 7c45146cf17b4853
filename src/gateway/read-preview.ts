import { create } from '@bufbuild/protobuf';
import { checkExperimentManifest } from '../config/experiment/parse.ts';
import { EXPERIMENT_KIND } from '../config/experiment/schema.ts';
import { faultMessage, formatPath, MOST_FAULTS } from '../config/fault.ts';
import { API_VERSION } from '../config/manifest/schema.ts';
import { readExperimentFields } from '../contract/convert/experiment/manifest.ts';
import { omitUndefined } from '../contract/convert/given.ts';
import { fromStruct } from '../contract/convert/spec.ts';
import { fromDuration, toDuration } from '../contract/convert/time.ts';
import { ExperimentSpecSchema, Overlap, Stay } from '../contract/gen/supplant/v1/experiments_pb.ts';
import type { OpenPreviewRequest } from '../contract/gen/supplant/v1/previews_pb.ts';
import { parseServiceName } from '../contract/names.ts';
import type { ExperimentSpec } from '../domain/experiment/experiment.ts';
import { LONGEST_BRANCH, type PreviewKey } from '../domain/preview/name.ts';
import { PREVIEW_TTL_MS, PREVIEW_VARIANT, type PreviewRequest, locatePreview } from '../domain/preview/preview.ts';
import type { Faults } from './faults.ts';
import { AS_WRITTEN, isWhole } from './read-spec.ts';
import { readArtifact } from './requests.ts';

// eslint-disable-next-line no-control-regex
const BRANCH = /^(?=\S)[^\u0000-\u001f\u007f]*\S$/u;

/** What a preview is of. Undefined where there are faults. */
export function readPreviewKey(faults: Faults, { service, branch }: Record<'service' | 'branch', string>) {
  const named = faults.take('service', service, parseServiceName(service));
  const isBranch = BRANCH.test(branch) && branch.length <= LONGEST_BRANCH && branch.isWellFormed();
  if (!isBranch) {
    faults.expected(
      'branch',
      `a branch or change on one line, such as feature/login or #123, in at most ${LONGEST_BRANCH} characters`,
      branch,
    );
  }
  return named && isBranch ? ({ service: named, branch } satisfies PreviewKey) : undefined;
}

/** What is asked for, within the limits that a manifest has. Undefined where there are faults. */
export function readPreviewRequest(faults: Faults, request: OpenPreviewRequest): PreviewRequest | undefined {
  const key = readPreviewKey(faults, request);
  const artifact = readArtifact(faults, 'artifact', request.artifact);
  const { force, patch, port, ttl } = request;
  if (patch && 'artifact' in patch) {
    faults.add('patch.artifact', 'expected none, since the artifact is a field of the request');
  }
  const spec = readAsExperiment(faults, request, key);
  if (!key || !spec) return undefined;
  return {
    ...key,
    artifact,
    ...omitUndefined({
      patch: patch && fromStruct(patch),
      checks: spec.variants[0]?.checks,
      ttlMs: ttl && fromDuration(ttl, 0),
      port: port === 0 ? undefined : port,
      force: force || undefined,
    }),
  };
}

/** Whatever it has in common with an experiment is read as one's. */
function readAsExperiment(
  faults: Faults,
  { service, patch, checks, port, ttl }: OpenPreviewRequest,
  key: PreviewKey = { service: { name: 'web', environment: 'production' }, branch: 'main' },
): ExperimentSpec | undefined {
  const message = create(ExperimentSpecSchema, {
    experiment: locatePreview(key).name,
    environment: key.service.environment,
    variants: [
      {
        name: PREVIEW_VARIANT,
        source: { case: 'like', value: omitUndefined({ name: service || 'web/production', patch }) },
        checks,
      },
    ],
    ttl: ttl ?? toDuration(PREVIEW_TTL_MS),
    stay: Stay.UNTIL_TTL,
    overlap: Overlap.HAND_OVER,
    addresses: port === 0 ? {} : { [PREVIEW_VARIANT]: port },
  });
  const manifest = { apiVersion: API_VERSION, kind: EXPERIMENT_KIND, ...readExperimentFields(message, AS_WRITTEN) };
  if (!isWhole(faults, JSON.stringify(manifest))) return undefined;
  const checked = checkExperimentManifest(manifest);
  if (checked.ok) return checked.spec;
  for (const problem of checked.problems.slice(0, MOST_FAULTS)) {
    const path = locateField(problem.path);
    // Of the service something has been said already.
    if (path[0] !== 'like') faults.add(formatPath(path), faultMessage(problem));
  }
  return undefined;
}

/** Where the request has what an experiment has at a path. */
function locateField(path: readonly (string | number)[]): (string | number)[] {
  const [first, second, ...rest] = path;
  if (first === 'variants' && second === 0 && rest.length > 0) return rest;
  return first === 'addresses' ? ['port'] : [...path];
}
