import { type HookRef, pickHooks } from '../domain/hooks/hook.ts';
import { toKnownRollback } from '../domain/rollback/proof.ts';
import { type GateSpec, heedsStops, pickGates } from '../domain/gates/gate.ts';
import type { BreakGlass } from '../domain/gates/status.ts';
import { type ChangeStop, findStop } from '../domain/gates/stop.ts';
import type { ChangeStopLog } from '../store/change-stops/log.ts';
import type { KnownRollback } from '../domain/rollback/verdict.ts';
import type { Catalogue, RevisionRecord } from '../store/catalogue/catalogue.ts';
import type { ProofLog } from '../store/experiments/stores.ts';
import type { RolloutRequest } from '../store/catalogue/request-log.ts';
import { canonicalJson } from '../domain/canonical-json.ts';
import type { JsonObject } from '../domain/json.ts';
import { type RolloutRef, formatRolloutName } from '../domain/service/requests.ts';
import { type Revision, formatRevisionName } from '../domain/service/revision.ts';
import type { RolloutKind } from '../domain/rollout/rollout.ts';
import type { ServiceKey } from '../domain/service/service.ts';
import type { RevisionSet } from '../domain/service/revision-set.ts';
import { writeOrder } from '../domain/rollout/write-order.ts';
import { createPermanentFailure } from './failures.ts';
import type { Recorder } from './recorder.ts';
import { computeReleaseDigest } from './release.ts';
import { hasEnded } from './rollout-end.ts';

export interface OpenTask {
  ref: RolloutRef;
  kind: RolloutKind;
  revision?: number;
  /** What stands as its workflow was told. */
  revisionSet: RevisionSet;
  /** ISO 8601; from the workflow, so that a repeat writes the same. */
  at: string;
  /** The newest edition that its workflow knows; see `ROLLOUT_EDITION`. */
  edition?: number;
}

/** What a rollout was asked for with, as far as it is of use to its workflow. */
export interface OpenedRollout {
  reason?: string;
  artifact?: string;
  /** The names of the revision's checks. */
  checks: string[];
  /** The longest deadline of theirs, in milliseconds. Absent in what was recorded before there was one. */
  checksMs?: number;
  /** Revisions that it was told are warm, and that are torn down by now. */
  gone: number[];
  /** What a drill has found out about going back from a new revision to what is live. */
  rollback?: KnownRollback;
  /** The webhooks that it calls; absent where there are none. */
  hooks?: HookRef[];
  /** What its service demands before it goes on; absent where nothing. */
  gates?: GateSpec[];
  /** Changes are stopped. */
  stop?: ChangeStop;
  /** It was asked for with the right to pass all gates. */
  breakGlass?: BreakGlass;
  /** The edition that it keeps to its end; see `ROLLOUT_EDITION`. */
  edition?: number;
}

/** Begins rollouts: those that were asked for, and no others. */
export function openActivities(
  { catalogue, atOnce }: Recorder,
  proofs: Pick<ProofLog, 'find'>,
  stops: Pick<ChangeStopLog, 'list'>,
) {
  return {
    /**
     * Begins a rollout, and records that.
     *
     * @throws ApplicationFailure `NotRecorded` where it was not asked for like this, or has left the queue
     */
    async open({ ref, kind, revision: number, revisionSet, at, edition }: OpenTask): Promise<OpenedRollout> {
      const request = await requested(catalogue, { ref, kind, ...given(number) });
      const revision = request.revision ?? (await recorded(catalogue, ref.service, number));
      const gone = await verifyRevisionSet(catalogue, ref, revisionSet);
      const { reason } = request;
      const rollback = kind === 'deploy' && revision ? await readRollback(proofs, revision, revisionSet) : undefined;
      const previous = revisionSet.live?.revision.number;
      const hooks = pickHooks(request.hooks, kind);
      const order = writeOrder(ref.number, 'open');
      const breakGlass =
        request.breakGlass && heedsStops(kind) ? { actor: ref.actor, reason: reason ?? '', at } : undefined;
      const spec = await atOnce(async (into) => {
        const begun = { ...started(kind, revision, previous), ...(breakGlass ? { breakGlass: true } : {}) };
        const service = await into.catalogue.service(ref.service);
        if (await hasEnded(into.journal, ref)) return service?.spec;
        await into.journal.write(ref, 'rollout.started', kind, begun, reason);
        if (service) await into.catalogue.saveService(service.spec, order);
        if (revision && kind === 'deploy') {
          await into.catalogue.saveRevision({ ...revision, state: 'provisioning', since: at, endpoints: [] }, order);
        }
        await into.catalogue.saveRollout({
          service: ref.service,
          number: ref.number,
          kind,
          ...(revision ? { revision: revision.number } : {}),
          actor: ref.actor,
          ...(reason === undefined ? {} : { reason }),
          startedAt: at,
        });
        return service?.spec;
      });
      // After it is recorded as begun: whoever sets a stop tells those that are, and the others see it here.
      const stop =
        heedsStops(kind) && !breakGlass ? findStop(await stops.list(), ref.service, Date.parse(at)) : undefined;
      const gates = pickGates(spec?.gates ?? [], kind, request.verb);
      return {
        ...(reason === undefined ? {} : { reason }),
        ...(revision ? { artifact: revision.artifact } : {}),
        checks: (revision?.checks ?? []).map(({ name }) => name),
        checksMs: Math.max(0, ...(revision?.checks ?? []).map(({ deadlineMs }) => deadlineMs)),
        gone,
        ...(rollback ? { rollback } : {}),
        ...(hooks.length === 0 ? {} : { hooks }),
        ...(gates.length === 0 ? {} : { gates }),
        ...(stop ? { stop } : {}),
        ...(breakGlass ? { breakGlass } : {}),
        ...(edition === undefined ? {} : { edition }),
      };
    },
  };
}

async function readRollback(
  proofs: Pick<ProofLog, 'find'>,
  revision: Revision,
  { live }: RevisionSet,
): Promise<KnownRollback | undefined> {
  if (!live) return undefined;
  const pair = { service: revision.service, from: computeReleaseDigest(revision), to: live.revision.release };
  const proof = await proofs.find(pair);
  return proof && toKnownRollback(proof);
}

/** The request that a rollout carries out. Anyone who starts one without it commands nothing. */
async function requested(
  catalogue: Catalogue,
  { ref, kind, revision }: Pick<OpenTask, 'ref' | 'kind' | 'revision'>,
): Promise<RolloutRequest> {
  const request = await catalogue.requests.entry(ref.service, ref.number);
  const isAskedFor =
    request?.kind === kind &&
    request.actor === ref.actor &&
    (kind !== 'deploy' || request.revision?.number === revision) &&
    (request.to === undefined || revision === undefined || request.to === revision);
  if (isAskedFor) return request;
  throw createPermanentFailure(
    'NotRecorded',
    `${formatRolloutName(ref)} was not asked for like this: it is not recorded`,
  );
}

/**
 * What a rollout is told of is recorded, too. Returns which do not any more: a service whose workflow began afresh may
 * have taken one for warm that was being torn down.
 */
async function verifyRevisionSet(
  catalogue: Catalogue,
  ref: RolloutRef,
  { live, warm }: RevisionSet,
): Promise<number[]> {
  const gone: number[] = [];
  for (const standing of live ? [live, ...warm] : warm) {
    const { number } = standing.revision;
    const found = await catalogue.revision(ref.service, number);
    const recorded = found ? canonicalJson(found.endpoints) : undefined;
    if (recorded === canonicalJson(standing.endpoints)) continue;
    if (recorded !== '[]' || standing === live) {
      throw createPermanentFailure(
        'NotRecorded',
        `${formatRolloutName(ref)} was told of a ${formatRevisionName(number)} that is not recorded`,
      );
    }
    gone.push(number);
  }
  return gone;
}

async function recorded(
  catalogue: Catalogue,
  service: ServiceKey,
  number: number | undefined,
): Promise<RevisionRecord | undefined> {
  return number === undefined ? undefined : catalogue.revision(service, number);
}

function given(revision: number | undefined): { revision?: number } {
  return revision === undefined ? {} : { revision };
}

function started(kind: RolloutKind, revision: Revision | undefined, previous: number | undefined): JsonObject {
  return {
    kind,
    ...(revision
      ? {
          revision: formatRevisionName(revision.number),
          artifact: revision.artifact,
          blueprint: revision.blueprint.name,
          digest: revision.blueprint.digest,
          config: revision.blueprint.config,
        }
      : {}),
    previous: previous === undefined ? null : formatRevisionName(previous),
  };
}
