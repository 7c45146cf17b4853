import type { MessageInitShape } from '@bufbuild/protobuf';
import type { RollbackProof } from '../../domain/rollback/proof.ts';
import type { RollbackSafety } from '../../domain/rollback/verdict.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import type { RollbackSafety as SafetyMessage, RollbackSafetySchema } from '../gen/supplant/v1/common_pb.ts';
import type { RollbackProof as ProofMessage, RollbackProofSchema } from '../gen/supplant/v1/services_pb.ts';
import { names, parseRunName, readNumber } from '../names.ts';
import { rollbackVerdicts } from './enums.ts';
import { emptyToUndefined, omitUndefined } from './given.ts';
import { fromRequiredTimestamp, toTimestamp } from './time.ts';

export function toRollbackSafety(
  service: ServiceKey,
  { to, verdict, run, because }: RollbackSafety,
): MessageInitShape<typeof RollbackSafetySchema> {
  return omitUndefined({
    to: names.revision(service, to),
    verdict: verdict === 'not-proven' ? undefined : rollbackVerdicts.number(verdict),
    run,
    because,
  });
}

export function fromRollbackSafety({ to, verdict, run, because }: SafetyMessage): RollbackSafety {
  return omitUndefined({
    to: readNumber(to) ?? 0,
    verdict: rollbackVerdicts.word(verdict) ?? ('not-proven' as const),
    run: emptyToUndefined(run),
    because: emptyToUndefined(because),
  });
}

export function toRollbackProof(proof: RollbackProof): MessageInitShape<typeof RollbackProofSchema> {
  const { from, to, fromLabel, toLabel, verdict, run, at, because } = proof;
  return omitUndefined({
    ...{ fromRelease: from, toRelease: to, fromLabel, toLabel, because },
    verdict: rollbackVerdicts.number(verdict),
    run: names.run(run),
    time: toTimestamp(at),
  });
}

export function fromRollbackProof(service: ServiceKey, message: ProofMessage): RollbackProof {
  const { fromRelease: from, toRelease: to, fromLabel, toLabel, verdict, run, time, because } = message;
  const named = parseRunName(run);
  const { experiment, run: number = 0 } = named.ok ? named.value : { experiment: { name: '', environment: '' } };
  return omitUndefined({
    ...{ service, from, to, fromLabel, toLabel },
    verdict: rollbackVerdicts.word(verdict) ?? ('disproven' as const),
    run: { experiment, run: number },
    at: fromRequiredTimestamp(time),
    because: emptyToUndefined(because),
  });
}
