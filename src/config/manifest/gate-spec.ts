import type { GateSpec, GateTerms, WindowRule } from '../../domain/gates/gate.ts';
import { type GateFields, nameGateFields } from './gate-schema.ts';

type RuleFields = NonNullable<NonNullable<GateFields['window']>['allow']>[number];

/** A gate of a manifest. */
export function buildGate(fields: GateFields): GateSpec {
  const { before, step, verbs, expiresAfter, then, approval, window, webhook } = fields;
  const terms: GateTerms = {
    ...{ name: nameGateFields(fields) ?? '', before, expiresAfterMs: expiresAfter, then },
    ...(step === undefined ? {} : { step }),
    ...(verbs === undefined ? {} : { verbs }),
  };
  if (window) {
    const { timeZone, allow, deny } = window;
    return {
      ...{ kind: 'window', ...terms, timeZone },
      ...(allow ? { allow: allow.map(buildRule) } : {}),
      ...(deny ? { deny: deny.map(buildRule) } : {}),
    };
  }
  if (webhook) {
    const { url, secret, every: everyMs } = webhook;
    return { kind: 'webhook', ...terms, url, secret, everyMs };
  }
  const { from = [], least = 1, notRequester = true, reason = 'optional', temporalUi = false } = approval ?? {};
  const who = { from, least, notRequester, reason };
  return { kind: 'approval', ...terms, ...who, ...(temporalUi ? { temporalUi } : {}) };
}

/** The manifest's keys of a gate. */
export function buildGateFields(gate: GateSpec): GateFields {
  const { name, before, step, verbs, expiresAfterMs: expiresAfter, then } = gate;
  const points = { ...(step === undefined ? {} : { step }), ...(verbs === undefined ? {} : { verbs }) };
  const terms = { name, before, ...points, expiresAfter, then };
  switch (gate.kind) {
    case 'approval': {
      const { from, least, notRequester, reason, temporalUi = false } = gate;
      return { ...terms, approval: { from, least, notRequester, reason, temporalUi } };
    }
    case 'webhook': {
      const { url, secret, everyMs: every } = gate;
      return { ...terms, webhook: { url, secret, every } };
    }
    case 'window': {
      const { timeZone, allow, deny } = gate;
      return { ...terms, window: { timeZone, allow: allow?.map(buildRuleFields), deny: deny?.map(buildRuleFields) } };
    }
  }
}

function buildRule({ rule, for: forMs, starts }: RuleFields): WindowRule {
  return { rule, forMs, ...(starts === undefined ? {} : { starts }) };
}

function buildRuleFields({ rule, forMs, starts }: WindowRule): RuleFields {
  return { rule, for: forMs, ...(starts === undefined ? {} : { starts }) };
}
