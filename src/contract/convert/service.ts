import type { MessageInitShape } from '@bufbuild/protobuf';
import { formatEndpointUrl } from '../../domain/service/revision.ts';
import type { Cohort } from '../../domain/traffic/cohort.ts';
import type { PreviewObservation } from '../../domain/traffic/preview-address.ts';
import type { RouteObservation } from '../../domain/traffic/route.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import type { Warning } from '../../domain/service/warning.ts';
import type { Quarantine, ServiceStatus, ServiceView } from '../../domain/rollout/status.ts';
import type {
  Quarantine as QuarantineMessage,
  NameValue,
  QuarantineSchema,
  Route,
  RouteCohort,
  RoutePreview,
  RoutePreviewSchema,
  RouteSchema,
  Service,
  ServiceSchema,
  Warning as WarningMessage,
} from '../gen/supplant/v1/services_pb.ts';
import { names, readNumber, readService } from '../names.ts';
import { fromContract, toContract } from './contract.ts';
import { warningKinds } from './enums.ts';
import { emptyToUndefined, omitUndefined } from './given.ts';
import { fromRevisionStatus, fromUrl, toRevisionStatus } from './revision.ts';
import { fromRollbackSafety, toRollbackSafety } from './rollback.ts';
import { fromQueued, fromRollout, toQueued, toRollout } from './rollout.ts';
import { fromSpec, toSpec } from './spec.ts';
import { fromTimestamp, fromRequiredTimestamp, toTimestamp } from './time.ts';
import { fromWait, toWait } from './verdict.ts';

export function toService(view: ServiceView): MessageInitShape<typeof ServiceSchema> {
  const { status, rollout, route, link, warnings = [], rollback } = view;
  const { spec, revisions, live, running, last, queue, quarantine, contracts = [], trouble, removedAt } = status;
  const { service } = spec;
  return omitUndefined({
    name: names.service(service),
    spec: toSpec(spec),
    revisions: revisions.map((revision) => toRevisionStatus(service, revision)),
    liveRevision: live === undefined ? undefined : names.revision(service, live),
    runningRollout: running === undefined ? undefined : names.rollout(service, running),
    lastRollout: last === undefined ? undefined : names.rollout(service, last),
    queue: queue.map((queued) => toQueued(service, queued)),
    quarantine: quarantine.map((stack) => toQuarantine(service, stack)),
    contracts: contracts.map((contract) => toContract(service, contract)),
    trouble: trouble && toWait(trouble),
    removeTime: toTimestamp(removedAt),
    rollout: rollout && toRollout(rollout),
    route: route && toRoute(route),
    uiLink: link,
    warnings: warnings.map(({ kind, text }) => ({ kind: warningKinds.number(kind), text })),
    rollback: rollback && toRollbackSafety(service, rollback),
  });
}

function toQuarantine(service: ServiceKey, stack: Quarantine): MessageInitShape<typeof QuarantineSchema> {
  return omitUndefined({
    stack: stack.stack,
    revision: names.revision(service, stack.revision),
    sinceTime: toTimestamp(stack.since),
    attempts: stack.attempts,
    nextAttemptTime: toTimestamp(stack.nextAttemptAt),
    lastError: stack.lastError,
  });
}

function toRoute({
  service,
  generation,
  address,
  closed,
  wantedPort,
  listen,
  portFault,
  changedByOthers,
  cohort,
  preview,
  targets,
}: RouteObservation): MessageInitShape<typeof RouteSchema> {
  return {
    generation: BigInt(generation),
    address: formatEndpointUrl(address),
    ...omitUndefined({ closed, wantedPort, listen, portFault, changedByOthers }),
    ...(cohort ? { cohort: { ...cohort, revision: names.revision(service, cohort.revision) } } : {}),
    ...(preview ? { preview: toPreview(service, preview) } : {}),
    targets: targets.map(({ revision, weight, endpoints, inFlight, upgraded, served, failed, ...more }) => ({
      revision: names.revision(service, revision),
      weight,
      endpoints: endpoints.map(formatEndpointUrl),
      ...omitUndefined({
        inFlight: toCount(inFlight),
        upgraded: toCount(upgraded),
        served: toCount(served),
        failed: toCount(failed),
        lastFailureTime: toTimestamp(more.lastFailedAt),
        unreachable: more.unreachable,
      }),
    })),
  };
}

function toPreview(
  service: ServiceKey,
  { address, revision, wantedPort, portFault, inFlight, served, failed }: PreviewObservation,
): MessageInitShape<typeof RoutePreviewSchema> {
  return omitUndefined({
    ...{ address: formatEndpointUrl(address), wantedPort, portFault },
    revision: revision === undefined ? undefined : names.revision(service, revision),
    ...{ inFlight: BigInt(inFlight), served: BigInt(served), failed: BigInt(failed) },
  });
}

function fromPreview({ address, revision, wantedPort, portFault, ...counts }: RoutePreview): PreviewObservation {
  const { inFlight, served, failed } = counts;
  return omitUndefined({
    address: fromUrl(address),
    revision: readNumber(revision),
    wantedPort,
    portFault: emptyToUndefined(portFault),
    ...{ inFlight: Number(inFlight), served: Number(served), failed: Number(failed) },
  });
}

function toCount(count: number | undefined): bigint | undefined {
  return count === undefined ? undefined : BigInt(count);
}

function fromCount(count: bigint | undefined): number | undefined {
  return count === undefined ? undefined : Number(count);
}

export function fromService(message: Service): ServiceView {
  const { rollout, route, uiLink, warnings, rollback } = message;
  const service = readService(message.name);
  return omitUndefined({
    status: fromStatus(message),
    rollout: rollout && fromRollout(rollout),
    route: route && fromRoute(service, route),
    link: emptyToUndefined(uiLink),
    warnings: warnings.length === 0 ? undefined : warnings.map(fromWarning),
    rollback: rollback && fromRollbackSafety(rollback),
  });
}

function fromWarning({ kind, text }: WarningMessage): Warning {
  return { kind: warningKinds.word(kind) ?? 'degraded', text };
}

function fromStatus(message: Service): ServiceStatus {
  const {
    spec,
    revisions,
    liveRevision,
    runningRollout,
    lastRollout,
    queue,
    quarantine,
    contracts,
    trouble,
    removeTime,
  } = message;
  if (!spec) throw new TypeError(`${message.name} was sent without its spec`);
  return omitUndefined({
    spec: fromSpec(spec),
    revisions: revisions.map(fromRevisionStatus),
    live: readNumber(liveRevision),
    running: readNumber(runningRollout),
    last: readNumber(lastRollout),
    queue: queue.map(fromQueued),
    quarantine: quarantine.map(fromQuarantine),
    ...(contracts.length === 0 ? {} : { contracts: contracts.map(fromContract) }),
    trouble: trouble && fromWait(trouble),
    removedAt: fromTimestamp(removeTime),
  });
}

function fromQuarantine({ stack, revision, attempts, lastError, ...times }: QuarantineMessage): Quarantine {
  return {
    stack,
    revision: readNumber(revision) ?? 0,
    since: fromRequiredTimestamp(times.sinceTime),
    attempts,
    nextAttemptAt: fromRequiredTimestamp(times.nextAttemptTime),
    lastError,
  };
}

function fromCohort({ revision, header, cookie }: RouteCohort): Cohort {
  const pairOf = ({ name, value }: NameValue) => ({ name, value });
  return omitUndefined({
    revision: readNumber(revision) ?? 0,
    header: header && pairOf(header),
    cookie: cookie && pairOf(cookie),
  });
}

function fromRoute(
  service: ServiceKey,
  { generation, address, closed, wantedPort, listen, portFault, changedByOthers, cohort, preview, targets }: Route,
): RouteObservation {
  return {
    service,
    generation: Number(generation),
    address: fromUrl(address),
    ...omitUndefined({
      closed: emptyToUndefined(closed),
      wantedPort,
      listen: emptyToUndefined(listen),
      portFault: emptyToUndefined(portFault),
      changedByOthers: emptyToUndefined(changedByOthers),
      cohort: cohort && fromCohort(cohort),
      preview: preview && fromPreview(preview),
    }),
    targets: targets.map(({ revision, weight, endpoints, inFlight, upgraded, served, failed, ...more }) => ({
      revision: readNumber(revision) ?? 0,
      weight,
      endpoints: endpoints.map(fromUrl),
      ...omitUndefined({
        inFlight: fromCount(inFlight),
        upgraded: fromCount(upgraded),
        served: fromCount(served),
        failed: fromCount(failed),
        lastFailedAt: fromTimestamp(more.lastFailureTime),
        unreachable: more.unreachable.length === 0 ? undefined : more.unreachable,
      }),
    })),
  };
}
