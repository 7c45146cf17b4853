import type { MessageInitShape } from '@bufbuild/protobuf';
import { endpointUrl } from '../../domain/revision.ts';
import type { RouteObservation } from '../../domain/route.ts';
import type { ServiceKey } from '../../domain/service.ts';
import type { Quarantine, ServiceStatus, ServiceView } from '../../domain/status.ts';
import type {
  Quarantine as QuarantineMessage,
  QuarantineSchema,
  Route,
  RouteSchema,
  Service,
  ServiceSchema,
} from '../../gen/supplant/v1/services_pb.ts';
import { names, numberOf, serviceOf } from '../names.ts';
import { filled, given } from './given.ts';
import { fromRevisionStatus, fromUrl, toRevisionStatus } from './revision.ts';
import { fromQueued, fromRollout, toQueued, toRollout } from './rollout.ts';
import { fromSpec, toSpec } from './spec.ts';
import { requiredTime, toTimestamp } from './time.ts';

export function toService({ status, rollout, route, link }: ServiceView): MessageInitShape<typeof ServiceSchema> {
  const { spec, revisions, live, running, last, queue, quarantine } = status;
  const { service } = spec;
  return given({
    name: names.service(service),
    spec: toSpec(spec),
    revisions: revisions.map((revision) => toRevisionStatus(service, revision)),
    liveRevision: live === undefined ? undefined : names.revision(service, live),
    runningRollout: running === undefined ? undefined : names.rollout(service, running),
    lastRollout: last === undefined ? undefined : names.rollout(service, last),
    queue: queue.map((queued) => toQueued(service, queued)),
    quarantine: quarantine.map((stack) => toQuarantine(service, stack)),
    rollout: rollout && toRollout(rollout),
    route: route && toRoute(route),
    uiLink: link,
  });
}

function toQuarantine(service: ServiceKey, stack: Quarantine): MessageInitShape<typeof QuarantineSchema> {
  return given({
    stack: stack.stack,
    revision: names.revision(service, stack.revision),
    sinceTime: toTimestamp(stack.since),
    attempts: stack.attempts,
    nextAttemptTime: toTimestamp(stack.nextAttemptAt),
    lastError: stack.lastError,
  });
}

function toRoute({ service, generation, address, targets }: RouteObservation): MessageInitShape<typeof RouteSchema> {
  return {
    generation: BigInt(generation),
    address: endpointUrl(address),
    targets: targets.map(({ revision, weight, endpoints, inFlight, served, failed }) => ({
      revision: names.revision(service, revision),
      weight,
      endpoints: endpoints.map(endpointUrl),
      inFlight: BigInt(inFlight),
      served: BigInt(served),
      failed: BigInt(failed),
    })),
  };
}

export function fromService(message: Service): ServiceView {
  const { rollout, route, uiLink } = message;
  const service = serviceOf(message.name);
  return given({
    status: fromStatus(message),
    rollout: rollout && fromRollout(rollout),
    route: route && fromRoute(service, route),
    link: filled(uiLink),
  });
}

function fromStatus(message: Service): ServiceStatus {
  const { spec, revisions, liveRevision, runningRollout, lastRollout, queue, quarantine } = message;
  if (!spec) throw new TypeError(`${message.name} was sent without its spec`);
  return given({
    spec: fromSpec(spec),
    revisions: revisions.map(fromRevisionStatus),
    live: numberOf(liveRevision),
    running: numberOf(runningRollout),
    last: numberOf(lastRollout),
    queue: queue.map(fromQueued),
    quarantine: quarantine.map(fromQuarantine),
    removed: false,
  });
}

function fromQuarantine({ stack, revision, attempts, lastError, ...times }: QuarantineMessage): Quarantine {
  return {
    stack,
    revision: numberOf(revision) ?? 0,
    since: requiredTime(times.sinceTime),
    attempts,
    nextAttemptAt: requiredTime(times.nextAttemptTime),
    lastError,
  };
}

function fromRoute(service: ServiceKey, { generation, address, targets }: Route): RouteObservation {
  return {
    service,
    generation: Number(generation),
    address: fromUrl(address),
    targets: targets.map(({ revision, weight, endpoints, inFlight, served, failed }) => ({
      revision: numberOf(revision) ?? 0,
      weight,
      endpoints: endpoints.map(fromUrl),
      inFlight: Number(inFlight),
      served: Number(served),
      failed: Number(failed),
    })),
  };
}
