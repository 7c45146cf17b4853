import type { AuditEvent } from '../../../src/store/audit/store.ts';
import { formatRolloutName } from '../../../src/domain/service/requests.ts';
import { formatServiceId } from '../../../src/domain/service/service.ts';
import { type Finding, findings } from '../findings.ts';
import type { Evidence } from './evidence.ts';

/** What the record says against itself, against the catalogue and against Temporal's histories. */
export function recordFindings(evidence: Evidence): Finding[] {
  const { chain, events } = evidence;
  const broken = chain.ok ? [] : [`the audit chain is broken at ${chain.brokenSeq}: ${chain.fault}`];
  return [
    ...findings('lost', [...broken, ...rolloutFaults(evidence)]),
    ...findings('wrong', [...routeFaults(events), ...stackFaults(events)]),
  ];
}

/** Every rollout has begun once, unless it was aborted before, and ended once, and all three say alike how. */
function rolloutFaults({ service, events, rollouts, runs }: Evidence): string[] {
  const faults: string[] = [];
  const known = new Set([...rollouts.map(formatRolloutName), ...events.flatMap(({ rollout }) => rollout ?? [])]);
  for (const name of known) {
    const number = Number(name.slice(`${formatServiceId(service)}#`.length));
    const own = events.filter(({ rollout }) => rollout === name);
    const count = (type: string): number => own.filter((event) => event.type === type).length;
    const record = rollouts.find((each) => each.number === number);
    const run = runs.find(({ workflowId }) => workflowId.endsWith(`/${number}`));
    if (count('rollout.dropped') === 1 && count('rollout.started') === 0) continue;
    if (count('rollout.started') !== 1 && !isAbortedUnbegun(own))
      faults.push(`${name} has begun ${count('rollout.started')} times on record`);
    if (count('rollout.finished') !== 1) faults.push(`${name} has ended ${count('rollout.finished')} times on record`);
    const finished = own.find(({ type }) => type === 'rollout.finished')?.data.outcome;
    const said = { audit: finished, catalogue: record?.outcome, temporal: run?.result?.status.outcome };
    if (new Set(Object.values(said)).size !== 1) faults.push(`${name} ended differently: ${JSON.stringify(said)}`);
  }
  return faults;
}

/** An abort that comes with the first breath of a rollout may call off the very step that records its beginning. */
function isAbortedUnbegun(own: AuditEvent[]): boolean {
  const isUntouched = !own.some(({ type }) => /^(?:rollout\.started|stack\.|route\.|check\.)/.test(type));
  return isUntouched && own.some(({ type, data }) => type === 'rollout.finished' && data.outcome === 'aborted');
}

/** Invariants 1, 4 and 5, from what is on record: every change was decided first, sums to 100, and went to the proven. */
function routeFaults(events: AuditEvent[]): string[] {
  const faults: string[] = [];
  let latest = 0;
  for (const event of events) {
    if (event.type !== 'route.changing' && event.type !== 'route.changed') continue;
    const { generation, weights, closed } = event.data as {
      generation: number;
      weights: Record<string, number>;
      closed?: string;
    };
    const sum = Object.values(weights).reduce((total, weight) => total + weight, 0);
    // A closed route has no traffic to split: what was in flight drains.
    if (sum !== (closed === undefined ? 100 : 0))
      faults.push(`generation ${generation} has weights that sum to ${sum}`);
    for (const [revision, weight] of Object.entries(weights)) {
      if (weight > 0 && !isProven(events, revision, event.seq)) {
        faults.push(`generation ${generation} gives ${weight} % to ${revision}, which had not passed its checks`);
      }
    }
    if (event.type === 'route.changing') continue;
    if (generation < latest) faults.push(`generation ${generation} took effect after ${latest}`);
    latest = Math.max(latest, generation);
    const decided = events.some(
      (other) => other.type === 'route.changing' && other.data.generation === generation && other.seq < event.seq,
    );
    if (!decided) faults.push(`generation ${generation} took effect before it was decided`);
  }
  return faults;
}

function isProven(events: AuditEvent[], revision: string, before: number): boolean {
  return events.some(
    ({ type, seq, data }) =>
      type === 'check.judged' && seq < before && data.revision === revision && data.verdict === 'pass',
  );
}

/** Nothing is made or destroyed that was not decided first, and what was destroyed for good stays so. */
function stackFaults(events: AuditEvent[]): string[] {
  const faults: string[] = [];
  const before = (type: string, { data, seq, rollout }: AuditEvent): boolean =>
    events.some(
      (other) => other.type === type && other.seq < seq && other.data.stack === data.stack && other.rollout === rollout,
    );
  for (const event of events) {
    const stack = event.data.stack as string;
    if (event.type === 'stack.provisioned' && !before('stack.provisioning', event)) {
      faults.push(`${stack} was made before that was decided`);
    }
    if (event.type === 'stack.destroyed' && !before('stack.destroying', event)) {
      faults.push(`${stack} was destroyed before that was decided`);
    }
  }
  return faults;
}
