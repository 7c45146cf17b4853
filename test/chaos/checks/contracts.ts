import { findTimeUp } from '../../../src/domain/migrations/contract.ts';
import { formatRevisionName, formatStackName } from '../../../src/domain/service/revision.ts';
import type { AuditEvent } from '../../../src/store/audit/store.ts';
import { type Finding, findings } from '../findings.ts';
import type { HeardCall } from '../guards/receiver.ts';
import type { Evidence } from './evidence.ts';

/** Nothing was taken away that somebody could still go back to, and nobody has gone back to what works with it. */
export function contractFindings(evidence: Evidence, calls: readonly HeardCall[]): Finding[] {
  const { contracts, events } = evidence;
  const texts = contracts.flatMap((contract) => {
    const name = formatRevisionName(contract.revision);
    const own = calls.filter(({ kind, data }) => kind === 'contracts' && data.revision === name);
    const begun = events.find(({ type, data }) => type === 'contract.begun' && data.revision === name);
    const [first] = own;
    return [
      ...(contract.state === 'cancelled' && first
        ? [`the contract of ${name} was called, and was called off before`]
        : []),
      ...(first && first.at < Date.parse(findTimeUp(contract))
        ? [`the contract of ${name} was called ${Date.parse(findTimeUp(contract)) - first.at} ms before its time`]
        : []),
      ...(first && !begun ? [`the contract of ${name} was called, and has not begun on record`] : []),
      ...(begun
        ? [...findStanding(evidence, contract.revision, begun), ...findGoneBack(evidence, contract.revision, begun)]
        : []),
      ...(contract.state === 'done' && !own.some(({ answer }) => answer === 'succeeded')
        ? [`the contract of ${name} is done, and nobody has said so`]
        : []),
    ];
  });
  return findings('wrong', texts);
}

/** Whether all that was to be taken away was, where nothing stands in the way any more: what waits has time for it. */
export function unfinishedFindings({ contracts }: Evidence): Finding[] {
  const left = contracts.filter(({ state }) => state === 'waiting' || state === 'begun');
  return findings(
    'stuck',
    left.map(({ revision, state, calls }) => `the contract of r${revision} is ${state}, called ${calls} times`),
  );
}

/** Revisions from before whose stacks were not gone when it began. */
function findStanding({ service, events }: Evidence, revision: number, begun: AuditEvent): string[] {
  const before = (type: string, stack: string) =>
    events.some((event) => event.type === type && event.data.stack === stack && event.seq < begun.seq);
  const older = Array.from({ length: revision - 1 }, (_, index) => index + 1);
  return [...older, ...listCopies(events, revision)]
    .map((number) => formatStackName(service, number))
    .filter((stack) => before('stack.provisioning', stack) && !before('stack.destroyed', stack))
    .map((stack) => `the contract of r${revision} began while ${stack} stood`);
}

/** Fresh baselines that run a release from before a revision: their own numbers are higher. */
function listCopies(events: readonly AuditEvent[], revision: number): number[] {
  const numberOf = (name: unknown): number => Number(String(name).slice(1));
  return events
    .filter(({ type, data }) => type === 'baseline.begun' && numberOf(data.copyOf) < revision)
    .map(({ data }) => numberOf(data.revision))
    .filter((number) => number > revision);
}

function findGoneBack({ events }: Evidence, revision: number, begun: AuditEvent): string[] {
  return events
    .filter(({ type, seq }) => type === 'route.changing' && seq > begun.seq)
    .flatMap(({ data }) =>
      Object.entries(data.weights as Record<string, number>)
        .filter(([name, weight]) => weight > 0 && Number(name.slice(1)) < revision)
        .map(([name]) => `traffic went to ${name} after the contract of r${revision} had begun`),
    );
}
