import type { MessageInitShape } from '@bufbuild/protobuf';
import type { AuditEvent, ChainVerdict } from '../../store/audit/store.ts';
import type {
  AuditEvent as EventMessage,
  AuditEventSchema,
  VerifyAuditChainResponse,
  VerifyAuditChainResponseSchema,
} from '../gen/supplant/v1/audit_pb.ts';
import { emptyToUndefined, omitUndefined } from './given.ts';
import { fromStruct } from './spec.ts';
import { fromRequiredTimestamp, toTimestamp } from './time.ts';

export function toEvent(event: AuditEvent): MessageInitShape<typeof AuditEventSchema> {
  const { seq, at, key, type, subject, rollout, actor, reason, data, previousHash, hash } = event;
  return omitUndefined({
    sequence: BigInt(seq),
    recordTime: toTimestamp(at),
    key,
    type,
    subject,
    rollout,
    actor,
    reason,
    data,
    previousHash,
    hash,
  });
}

export function fromEvent(message: EventMessage): AuditEvent {
  const { sequence, recordTime, key, type, subject, rollout, actor, reason, data, previousHash, hash } = message;
  return omitUndefined({
    seq: Number(sequence),
    at: fromRequiredTimestamp(recordTime),
    key,
    type,
    subject,
    rollout: emptyToUndefined(rollout),
    actor,
    reason,
    data: fromStruct(data),
    previousHash,
    hash,
  });
}

export function toVerification(verdict: ChainVerdict): MessageInitShape<typeof VerifyAuditChainResponseSchema> {
  const events = BigInt(verdict.events);
  if (verdict.ok) return { ok: true, events, head: verdict.head };
  return { ok: false, events, brokenSequence: BigInt(verdict.brokenSeq), fault: verdict.fault };
}

export function fromVerification(message: VerifyAuditChainResponse): ChainVerdict {
  const { ok, events, head, brokenSequence, fault } = message;
  if (ok) return { ok, events: Number(events), head };
  return { ok, events: Number(events), brokenSeq: Number(brokenSequence), fault };
}
