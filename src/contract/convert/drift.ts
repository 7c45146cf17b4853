import type { MessageInitShape } from '@bufbuild/protobuf';
import type { DriftKind } from '../../domain/drift/finding.ts';
import type { DriftState } from '../../domain/drift/state.ts';
import type { DriftFindingView, DriftView } from '../../domain/drift/view.ts';
import {
  type DriftFinding,
  DriftFinding_Kind,
  type DriftFindingSchema,
  type StackDrift,
  StackDrift_State,
  type StackDriftSchema,
} from '../gen/supplant/v1/drift_pb.ts';
import { names, readNumber, readService } from '../names.ts';
import { Words } from './enums.ts';
import { omitUndefined } from './given.ts';
import { fromRequiredTimestamp, fromTimestamp, toTimestamp } from './time.ts';

const states = new Words<DriftState, StackDrift_State>({
  none: StackDrift_State.NONE,
  drifted: StackDrift_State.DRIFTED,
  acknowledged: StackDrift_State.ACKNOWLEDGED,
  unknown: StackDrift_State.UNKNOWN,
});

const kinds = new Words<DriftKind, DriftFinding_Kind>({
  changed: DriftFinding_Kind.CHANGED,
  gone: DriftFinding_Kind.GONE,
});

export function toStackDrift(view: DriftView): MessageInitShape<typeof StackDriftSchema> {
  const { service, revision, isLive, state, blocks, findings, since, lookedAt, trouble, acknowledged } = view;
  return omitUndefined({
    name: names.revision(service, revision),
    live: isLive,
    state: states.number(state),
    blocks,
    findings: findings.map(toFinding),
    sinceTime: toTimestamp(since),
    lookTime: toTimestamp(lookedAt),
    trouble: trouble?.because,
    troubleTime: toTimestamp(trouble?.since),
    acknowledgement: acknowledged && {
      ...{ actor: acknowledged.by, reason: acknowledged.reason },
      ...omitUndefined({ time: toTimestamp(acknowledged.at) }),
    },
  });
}

export function fromStackDrift(message: StackDrift): DriftView {
  const { name, live, state, blocks, findings, sinceTime, lookTime, trouble, troubleTime, acknowledgement } = message;
  return omitUndefined({
    service: readService(name),
    revision: readNumber(name) ?? 0,
    isLive: live,
    state: states.word(state) ?? 'unknown',
    blocks,
    findings: findings.map(fromFinding),
    since: fromTimestamp(sinceTime),
    lookedAt: fromTimestamp(lookTime),
    trouble: trouble === '' ? undefined : { since: fromRequiredTimestamp(troubleTime), because: trouble },
    acknowledged: acknowledgement && {
      ...{ by: acknowledgement.actor, reason: acknowledgement.reason },
      at: fromRequiredTimestamp(acknowledgement.time),
    },
  });
}

function toFinding(finding: DriftFindingView): MessageInitShape<typeof DriftFindingSchema> {
  const { urn, type, name, kind, properties, isAcknowledged } = finding;
  return { urn, type, resource: name, kind: kinds.number(kind), properties, acknowledged: isAcknowledged };
}

function fromFinding(message: DriftFinding): DriftFindingView {
  const { urn, type, resource, kind, properties, acknowledged } = message;
  return { urn, type, name: resource, kind: kinds.word(kind) ?? 'changed', properties, isAcknowledged: acknowledged };
}
