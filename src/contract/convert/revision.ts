import type { MessageInitShape } from '@bufbuild/protobuf';
import type { PastRevision } from '../supplant-client.ts';
import { DEFAULT_POOL, choosePool } from '../../domain/pools/pool.ts';
import { type Endpoint, formatEndpointUrl } from '../../domain/service/revision.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import type { RevisionStatus } from '../../domain/rollout/status.ts';
import type {
  Revision,
  RevisionSchema,
  RevisionStatus as StatusMessage,
  RevisionStatusSchema,
} from '../gen/supplant/v1/services_pb.ts';
import { names, readNumber, readService } from '../names.ts';
import { revisionStates } from './enums.ts';
import { emptyToUndefined, omitUndefined } from './given.ts';
import { fromCheck, fromStruct, toCheck } from './spec.ts';
import { fromTimestamp, fromRequiredTimestamp, toTimestamp } from './time.ts';

export function toRevision(record: PastRevision): MessageInitShape<typeof RevisionSchema> {
  const { service, number, artifact, blueprint, checks, requestedBy, createdAt, state, since, endpoints, quarantined } =
    record;
  const { copyOf } = record;
  return omitUndefined({
    name: names.revision(service, number),
    artifact,
    blueprint: { name: blueprint.name, config: blueprint.config },
    blueprintDigest: blueprint.digest,
    pool: blueprint.pool ?? DEFAULT_POOL,
    checks: checks.map(toCheck),
    requestedBy,
    createTime: toTimestamp(createdAt),
    state: revisionStates.number(state),
    sinceTime: toTimestamp(since),
    endpoints: endpoints.map(formatEndpointUrl),
    quarantined,
    copyOf: copyOf === undefined ? undefined : names.revision(service, copyOf),
  });
}

export function fromRevision(message: Revision): PastRevision {
  const { name, artifact, blueprint, blueprintDigest, checks, requestedBy, state, pool } = message;
  const copyOf = readNumber(message.copyOf);
  return {
    service: readService(name),
    number: readNumber(name) ?? 0,
    artifact,
    blueprint: {
      ...{ name: blueprint?.name ?? '', digest: blueprintDigest, config: fromStruct(blueprint?.config) },
      ...choosePool(emptyToUndefined(pool), undefined),
    },
    checks: checks.map(fromCheck),
    requestedBy,
    createdAt: fromRequiredTimestamp(message.createTime),
    state: revisionStates.word(state) ?? 'retired',
    since: fromRequiredTimestamp(message.sinceTime),
    endpoints: message.endpoints.map(fromUrl),
    ...(message.quarantined ? { quarantined: true } : {}),
    ...(copyOf === undefined ? {} : { copyOf }),
  };
}

export function toRevisionStatus(
  service: ServiceKey,
  { number, artifact, state, since, warmUntil, endpoints, pinned, bad, copyOf }: RevisionStatus,
): MessageInitShape<typeof RevisionStatusSchema> {
  return omitUndefined({
    name: names.revision(service, number),
    artifact,
    state: revisionStates.number(state),
    sinceTime: toTimestamp(since),
    warmUntilTime: toTimestamp(warmUntil),
    endpoints,
    pinned,
    bad,
    copyOf: copyOf === undefined ? undefined : names.revision(service, copyOf),
  });
}

export function fromRevisionStatus(message: StatusMessage): RevisionStatus {
  const { name, artifact, state, sinceTime, warmUntilTime, endpoints } = message;
  return omitUndefined({
    number: readNumber(name) ?? 0,
    artifact,
    state: revisionStates.word(state) ?? 'retired',
    since: fromRequiredTimestamp(sinceTime),
    warmUntil: fromTimestamp(warmUntilTime),
    endpoints,
    pinned: message.pinned ? true : undefined,
    bad: message.bad ? true : undefined,
    copyOf: readNumber(message.copyOf),
  });
}

/** Reads what {@link formatEndpointUrl} writes. */
export function fromUrl(url: string): Endpoint {
  const [, bracketed, plain, port = ''] = /^http:\/\/(?:\[(.*)\]|(.*)):(\d+)$/.exec(url) ?? [];
  return { host: bracketed ?? plain ?? '', port: Number(port) };
}
