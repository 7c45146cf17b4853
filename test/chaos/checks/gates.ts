import type { GateSpec } from '../../../src/domain/gates/gate.ts';
import type { RolloutStatus } from '../../../src/domain/rollout/status.ts';
import { formatRolloutName } from '../../../src/domain/service/requests.ts';
import { formatRevisionName } from '../../../src/domain/service/revision.ts';
import type { AuditEvent } from '../../../src/store/audit/store.ts';
import { type Finding, findings } from '../findings.ts';
import { type Heard, findAsked } from '../guards/heard.ts';
import type { Evidence } from './evidence.ts';

/** Nothing has passed a gate that had not opened, by the record and by the clock of those outside; nothing that goes back has met one. */
export function gateFindings(evidence: Evidence, heard: Heard): Finding[] {
  return evidence.runs.flatMap(({ result }): Finding[] => {
    if (!result) return [];
    const { status } = result;
    const name = formatRolloutName(status);
    const own = evidence.events.filter(({ rollout }) => rollout === name);
    if (status.kind !== 'deploy') return findings('wrong', findHeld(name, own));
    if (status.breakGlass) return [];
    const asked = findAsked(heard, status.number);
    const gates = asked?.spec?.gates ?? [];
    const texts = gates.flatMap((gate) => [
      ...findUnopened(name, gate, listPasses(gate, status, own), own),
      ...findServedEarly(name, { gate, status, version: asked?.version }, heard),
    ]);
    return findings('wrong', texts);
  });
}

function findHeld(name: string, own: readonly AuditEvent[]): string[] {
  return own.some(({ type }) => type === 'rollout.gate') ? [`${name} goes back, or away, and was held by a gate`] : [];
}

/** What must not happen before a gate has opened: of one before each step, the first move to each weight. */
function listPasses(gate: GateSpec, { revision }: RolloutStatus, own: readonly AuditEvent[]): AuditEvent[] {
  switch (gate.before) {
    case 'provision':
      return own.filter(({ type }) => type === 'stack.provisioning').slice(0, 1);
    case 'settle':
      return own.filter(({ type }) => type === 'rollout.settled').slice(0, 1);
    case 'shift': {
      const seen = new Set<number>();
      const moves = own.filter((event) => {
        const weight = event.type === 'route.changing' ? readWeight(event, revision) : 0;
        const isNew = weight > 0 && !seen.has(weight);
        if (isNew) seen.add(weight);
        return isNew;
      });
      return gate.step === 'every' ? moves : moves.slice(0, 1);
    }
  }
}

function readWeight({ data }: AuditEvent, revision = 0): number {
  return (data.weights as Record<string, number>)[formatRevisionName(revision)] ?? 0;
}

/** The n-th pass takes n openings on record. */
function findUnopened(
  name: string,
  gate: GateSpec,
  passes: readonly AuditEvent[],
  own: readonly AuditEvent[],
): string[] {
  const opened = own.filter(({ type, data }) => {
    const isOwn = type === 'rollout.gate' && data.gate === gate.name;
    return isOwn && (data.state === 'open' || (data.state === 'expired' && data.then === 'proceed'));
  });
  return passes.flatMap(({ type, seq }, index) => {
    const places = new Set(opened.filter((each) => each.seq < seq).map(({ data }) => data.step ?? 1));
    return places.size > index ? [] : [`${name}: ${type} (${seq}) came before gate ${gate.name} had opened`];
  });
}

interface Served {
  gate: GateSpec;
  status: RolloutStatus;
  version: string | undefined;
}

/** Whether users were served by the revision before those outside had opened its gate. */
function findServedEarly(name: string, { gate, status, version = '' }: Served, heard: Heard): string[] {
  const first = heard.firstAnswers.get(version);
  if (first === undefined || gate.before === 'settle') return [];
  const opened = findOpening(name, gate, status, heard);
  if (opened !== undefined && opened <= first) return [];
  const when = opened === undefined ? 'nobody had opened' : `${opened - first} ms later was opened`;
  return [`${name}: ${version} served users when ${when} gate ${gate.name}`];
}

/** When it opened at the earliest, by what those outside have done; undefined where they have not. */
function findOpening(
  name: string,
  gate: GateSpec,
  { number, gates = [] }: RolloutStatus,
  { decisions, calls }: Heard,
): number | undefined {
  const met = gates.find((each) => each.name === gate.name);
  if (gate.kind === 'window') return endOfDenial(gate, met?.since);
  // It was let go by without having opened.
  if (met?.state === 'expired' && met.then === 'proceed') return Date.parse(met.since) + gate.expiresAfterMs;
  if (gate.kind === 'webhook') {
    return calls.find(({ kind, data, answer }) => kind === 'gates' && data.rollout === name && answer === 'open')?.at;
  }
  const counted = decisions.filter(
    ({ rollout, verb, refused }) => rollout === number && verb === 'approve' && refused === undefined,
  );
  return counted.at(gate.least - 1)?.sentAt;
}

/** Of a denial that was going on, or over, when the gate was come to. */
function endOfDenial({ deny = [] }: Extract<GateSpec, { kind: 'window' }>, since = ''): number | undefined {
  const [{ rule, forMs } = { rule: '', forMs: 0 }] = deny;
  const { hour = '', minute = '' } = /BYHOUR=(?<hour>\d+);BYMINUTE=(?<minute>\d+)/.exec(rule)?.groups ?? {};
  const begin = new Date(since);
  begin.setUTCHours(Number(hour), Number(minute), 0, 0);
  // Across midnight it began on the day before.
  const began = begin.getTime() > Date.parse(since) ? begin.getTime() - 86_400_000 : begin.getTime();
  return Number.isNaN(began) ? undefined : began + forMs;
}
