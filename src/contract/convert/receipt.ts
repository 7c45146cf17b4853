import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Receipt } from '../../domain/service/requests.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import type { SettingChange } from '../../domain/service/setting-change.ts';
import type {
  SettingChange as SettingMessage,
  Receipt as ReceiptMessage,
  ReceiptSchema,
} from '../gen/supplant/v1/common_pb.ts';
import { names, readNumber } from '../names.ts';
import { emptyToUndefined, omitUndefined } from './given.ts';
import { fromOutline, toOutline } from './outline.ts';
import { fromRollbackSafety, toRollbackSafety } from './rollback.ts';

export function toReceipt(receipt: Receipt): MessageInitShape<typeof ReceiptSchema> {
  const { service, rollout, revision, unchanged, queuedBehind, ends, drops, settings, plan, rollback } = receipt;
  const { pool, warnings, way } = receipt;
  return omitUndefined({
    // A service that was never rolled out has no rollout 0.
    rollout: rollout === 0 ? undefined : names.rollout(service, rollout),
    revision: revision === undefined ? undefined : names.revision(service, revision),
    unchanged,
    queuedBehind,
    ends: ends === undefined ? undefined : names.rollout(service, ends),
    drops: drops?.map((number) => names.rollout(service, number)),
    settings,
    plan: plan && toOutline(plan),
    rollback: rollback && toRollbackSafety(service, rollback),
    pool,
    warnings,
    way: way && { atOnce: way.isAtOnce, because: way.because },
  });
}

export function fromReceipt(service: ServiceKey, message: ReceiptMessage | undefined): Receipt {
  const { rollout = '', revision = '', unchanged = false, queuedBehind = 0, settings = [] } = message ?? {};
  const { ends = '', drops = [], plan, rollback: safety, pool = '', warnings = [], way } = message ?? {};
  return omitUndefined({
    service,
    rollout: readNumber(rollout) ?? 0,
    revision: readNumber(revision),
    unchanged,
    queuedBehind,
    ends: readNumber(ends),
    drops: drops.length === 0 ? undefined : drops.flatMap((name) => readNumber(name) ?? []),
    settings: settings.length === 0 ? undefined : settings.map(fromSetting),
    plan: plan && fromOutline(plan),
    rollback: safety && fromRollbackSafety(safety),
    pool: emptyToUndefined(pool),
    warnings: warnings.length === 0 ? undefined : warnings,
    way: way && { isAtOnce: way.atOnce, because: way.because },
  });
}

function fromSetting({ setting, from, to, effect }: SettingMessage): SettingChange {
  return { setting, from, to, effect };
}
