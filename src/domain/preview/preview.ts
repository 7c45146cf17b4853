import type { CheckSpec } from '../evidence/checks.ts';
import type { ExperimentKey, ExperimentSpec, LikeSource } from '../experiment/experiment.ts';
import type { JsonObject } from '../json.ts';
import type { ServiceKey } from '../service/service.ts';
import { type PreviewKey, computePreviewName } from './name.ts';

/** What somebody asks for who wants to look at a branch of a service. */
export interface PreviewRequest extends PreviewKey {
  /** What to run in the place of what the service runs. */
  artifact: string;
  /** What else is different: a JSON merge patch (RFC 7396) of `{blueprint: {config}}`. */
  patch?: JsonObject;
  /** What its stack has to prove before anybody is led to it; what the service's live revision has to, unless told. */
  checks?: CheckSpec[];
  /** How long it stays from each renewal on, in milliseconds; {@link PREVIEW_TTL_MS} unless told. */
  ttlMs?: number;
  /** Where it is to be looked at; one of its own is chosen unless told. */
  port?: number;
  /** A new stack even where what is up is the same. */
  force?: boolean;
}

/** A working day. In milliseconds. */
export const PREVIEW_TTL_MS = 8 * 3_600_000;

/** How long a preview is remembered that is over, with its port, in milliseconds. */
export const PREVIEW_KEEP_MS = 7 * 86_400_000;

/** The one variant of a preview. */
export const PREVIEW_VARIANT = 'preview';

/** The experiment that a preview is. */
export function buildPreviewSpec(request: PreviewRequest, port: number): PreviewSpec {
  const { service, branch, artifact, patch, checks, ttlMs = PREVIEW_TTL_MS } = request;
  const source: LikeSource = { kind: 'like', service, patch: { ...patch, artifact } };
  return {
    experiment: locatePreview(request),
    variants: [{ name: PREVIEW_VARIANT, source, ...(checks ? { checks } : {}) }],
    probes: [],
    ttlMs,
    stay: 'until-ttl',
    overlap: 'hand-over',
    budget: {},
    keepMs: PREVIEW_KEEP_MS,
    addresses: { [PREVIEW_VARIANT]: port },
    preview: { branch },
  };
}

/** Where a preview is: in the environment of its service. */
export function locatePreview(key: PreviewKey): ExperimentKey {
  return { name: computePreviewName(key), environment: key.service.environment };
}

/** An experiment that is a preview. */
export type PreviewSpec = ExperimentSpec & Required<Pick<ExperimentSpec, 'preview' | 'addresses'>>;

/** What a preview is of; undefined for any other experiment. */
export function readPreview(spec: ExperimentSpec): PreviewKey | undefined {
  const source = spec.variants[0]?.source;
  if (!spec.preview || source?.kind !== 'like') return undefined;
  return { service: source.service, branch: spec.preview.branch };
}

/** What a preview runs. */
export function readPreviewArtifact({ variants }: ExperimentSpec): string {
  const source = variants[0]?.source;
  const artifact = source?.kind === 'like' ? source.patch?.artifact : undefined;
  return typeof artifact === 'string' ? artifact : '';
}

/** `feature/login of web/production`: how people name a preview. */
export function formatPreview({ service, branch }: { service: ServiceKey; branch: string }): string {
  return `${branch} of ${service.name}/${service.environment}`;
}
