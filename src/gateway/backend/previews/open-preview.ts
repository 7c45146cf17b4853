import { computeFingerprint } from '../../../domain/fingerprint.ts';
import type { ExperimentFault } from '../../../domain/experiment/faults.ts';
import { type LikeRevision, resolveVariant } from '../../../domain/experiment/resolve.ts';
import { experimentIds } from '../../../domain/experiment/run.ts';
import { decidePreview, describeUnchanged } from '../../../domain/preview/decide.ts';
import { type PortRange, choosePort, formatPortRange } from '../../../domain/preview/ports.ts';
import {
  PREVIEW_TTL_MS,
  PREVIEW_VARIANT,
  type PreviewRequest,
  type PreviewSpec,
  buildPreviewSpec,
  formatPreview,
  locatePreview,
} from '../../../domain/preview/preview.ts';
import type { RequestMeta } from '../../../domain/service/requests.ts';
import { formatServiceId, type ServiceKey } from '../../../domain/service/service.ts';
import type { Store } from '../../../store/store.ts';
import { type ChangeParts, type Decided, recordChange } from '../experiments/changes.ts';
import { findDescriptionFaults, refuseFaults } from '../experiments/descriptions.ts';
import { refused } from '../experiments/lookup.ts';
import { decideRun } from '../experiments/run-changes.ts';
import { describeOverlap, describeRun } from '../experiments/words.ts';
import { findPortFaults, listPortHolders } from './ports.ts';

/** What opening a preview needs. */
export interface OpenParts extends ChangeParts {
  /** From which a preview that asks for none gets its port. */
  ports: PortRange;
}

/** Somebody else took the port that was chosen, at the same moment. */
export class PortLostError extends Error {
  override readonly name = 'PortLostError';
}

/** Opens a preview, or renews it. */
export async function decideOpenPreview(
  parts: OpenParts,
  request: PreviewRequest,
  change: RequestMeta,
): Promise<Decided> {
  const { store } = parts;
  const { experiments, runs } = store.experiments;
  const key = locatePreview(request);
  const before = await experiments.find(key);
  const port = request.port ?? (await findPort(parts, request, before?.spec.addresses?.[PREVIEW_VARIANT]));
  const { ttlMs = Math.min(PREVIEW_TTL_MS, parts.limits.longestTtlMs) } = request;
  const spec = buildPreviewSpec({ ...request, ttlMs }, port);
  const live = await findLive(store, request.service);
  await refuseUnsound(parts, spec, live);
  const [open, [newest]] = await Promise.all([runs.open(key), runs.list(key, { limit: 1 })]);
  // Of this very request, which was interrupted: it is not what was up before it.
  const isRepeat = newest?.workflowId === experimentIds.requested(key, change.requestId);
  const decision = decidePreview({
    ...{ wanted: spec, before, goesOn: open.length > 0, live: live?.number },
    newest: newest && { status: newest.status, isEnding: newest.stop !== undefined },
    force: request.force === true || isRepeat,
  });
  if (decision.kind === 'refuse') throw refused(decision.because);
  const name = formatPreview(request);
  if (decision.kind === 'unchanged') {
    const effect = `${name}: ${describeUnchanged(decision.status)}; --force renews it all the same`;
    return { effect, unchanged: true, port, carryOut: () => Promise.resolve({ run: decision.status.run }) };
  }
  const verb = { open: 'opened', renew: 'renewed', reopen: 'opened again' }[decision.kind];
  return {
    effect: `${name} is ${verb} at port ${port}: ${describeRun(spec)}${describeOverlap(spec, open)}`,
    port,
    carryOut: () => carryOut(parts, { request, spec }, change),
  };
}

/** The description first: its run is made by what is on record when it begins. */
async function carryOut(
  parts: OpenParts,
  { request, spec }: { request: PreviewRequest; spec: PreviewSpec },
  change: RequestMeta,
): Promise<{ run?: number; remark?: string | undefined }> {
  const { store } = parts;
  const { experiment } = spec;
  const { artifact, branch, port, service, ttlMs } = request;
  const asked = { ...(port === undefined ? {} : { port }), ...(ttlMs === undefined ? {} : { ttlMs }) };
  const data = {
    ...{ service: formatServiceId(service), branch, artifact },
    ...asked,
    fingerprint: computeFingerprint(request),
  };
  await recordChange(store, { type: 'preview.opened', experiment, data }, change);
  await store.experiments.experiments.save(spec);
  // Two that choose at the same moment both look after they have written: one of them sees the other.
  const [lost] = await findPortFaults(store, spec);
  if (lost && port === undefined) throw new PortLostError(lost.message);
  if (lost) refuseFaults({ faults: [{ path: 'port', message: lost.message }] });
  return (await decideRun(parts, experiment, change)).carryOut();
}

async function findPort({ store, ports }: OpenParts, request: PreviewRequest, before?: number): Promise<number> {
  const key = locatePreview(request);
  const port = choosePort(key.name, ports, await listPortHolders(store, key), before);
  if (port !== undefined) return port;
  throw refused(
    `all ports for previews, ${formatPortRange(ports)}, are taken`,
    'close previews that nobody looks at, name a port, or give the gateway others with SUPPLANT_PREVIEW_PORTS',
  );
}

async function findLive({ catalogue }: Store, service: ServiceKey): Promise<LikeRevision | undefined> {
  const [overview] = await catalogue.overview(service);
  return overview?.revisions.find(({ state }) => state === 'live');
}

/** All that is wrong, in the words of the request. */
async function refuseUnsound(
  { limits, store }: OpenParts,
  spec: PreviewSpec,
  live: LikeRevision | undefined,
): Promise<void> {
  const { faults, ...more } = await findDescriptionFaults(spec, limits, store);
  const named = faults.map(({ path, message }) => ({ path: PATHS[path] ?? path, message }));
  const isThere = !named.some(({ path }) => path === 'service');
  refuseFaults({ faults: [...named, ...(isThere ? findVariantFaults(spec, live) : [])], ...more });
}

const PATHS: Readonly<Record<string, string>> = {
  'variants[0].like': 'service',
  [`addresses.${PREVIEW_VARIANT}`]: 'port',
};

function findVariantFaults({ variants }: PreviewSpec, live: LikeRevision | undefined): ExperimentFault[] {
  const [variant] = variants;
  if (variant?.source.kind !== 'like') return [];
  if (!live) {
    const id = formatServiceId(variant.source.service);
    return [
      { path: 'service', message: `expected one with a live revision, found ${id}, which has none: deploy it first` },
    ];
  }
  const resolved = resolveVariant(variant, live);
  return 'faults' in resolved ? resolved.faults.map(({ path, message }) => ({ path, message: `it ${message}` })) : [];
}
