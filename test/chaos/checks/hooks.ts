import { formatContractId } from '../../../src/domain/migrations/contract.ts';
import { type HookSpec, readHookRole } from '../../../src/domain/hooks/hook.ts';
import { formatHookId } from '../../../src/domain/hooks/event.ts';
import { collectHooks } from '../../../src/domain/migrations/migration.ts';
import { PHASES } from '../../../src/domain/rollout/rollout.ts';
import type { RolloutStatus } from '../../../src/domain/rollout/status.ts';
import { formatRolloutName } from '../../../src/domain/service/requests.ts';
import { type ServiceKey, parseServiceId } from '../../../src/domain/service/service.ts';
import { type Finding, findings } from '../findings.ts';
import { type Heard, findAsked } from '../guards/heard.ts';
import type { HeardCall } from '../guards/receiver.ts';
import type { Evidence } from './evidence.ts';

/** Every call that a rollout owes was made and heard, one id for each, and one after the other in the order of phases. */
export function hookFindings(evidence: Evidence, heard: Heard): Finding[] {
  const rollouts = evidence.runs.flatMap(({ result }) => (result ? [result.status] : []));
  return findings('wrong', [
    ...heard.calls.flatMap(findIdFault),
    ...findUnheard(evidence, heard.calls),
    ...rollouts.flatMap((status) => findOwed(evidence, status, heard)),
  ]);
}

/** One event has one id, which says which it is: what differs in nothing but the attempt is the same call. */
function findIdFault({ kind, id, data }: HeardCall): string[] {
  if (kind === 'gates') return [];
  const { service, environment, rollout, hook, when, phase, step, retry, revision } = data as Record<string, string> & {
    step?: { number: number };
    retry?: number;
  };
  const key = parseServiceId(`${service}/${environment}`);
  if (!key) return [`a call ${id} is of no service`];
  const wanted =
    kind === 'contracts'
      ? formatContractId(key, Number(revision?.slice(1)))
      : formatHookId({
          ...{ service: key, rollout: Number(rollout) },
          hook: { name: hook, moment: when, phase } as HookSpec,
          ...(step ? { step: { ...step, of: 0, weight: 0 } } : {}),
          ...(retry === undefined ? {} : { retry }),
        });
  return id === wanted ? [] : [`a call with id ${id} says that it is ${wanted}`];
}

/** What is on record as said was said, to just this call. */
function findUnheard({ events }: Evidence, calls: readonly HeardCall[]): string[] {
  return events
    .filter(({ type }) => type === 'hook.answered')
    .flatMap(({ data, rollout }) => {
      const own = calls.filter(({ id }) => id === data.id);
      if (data.status !== 'succeeded' || own.some(({ answer }) => answer === 'succeeded')) return [];
      return [`${rollout}: hook ${data.hook as string} is recorded as succeeded, and its receiver has not said so`];
    });
}

/** A call that a rollout owes, in the order of the phases. */
interface OwedCall {
  id: string;
  hook: HookSpec;
}

/** All that is asked of somebody in a rollout that has succeeded; of others, what came before what they have done. */
function findOwed({ service, events }: Evidence, status: RolloutStatus, heard: Heard): string[] {
  const name = formatRolloutName(status);
  const spec = findAsked(heard, status.number)?.spec;
  // Nothing happens in one that finds its revision live.
  const isIdle = status.phases.every(({ phase, state }) => phase === 'plan' || state === 'skipped');
  if (!spec || isIdle) return [];
  const hooks = collectHooks(spec).filter(({ kinds }) => (kinds as string[]).includes(status.kind));
  const owed = listOwed(service, status, hooks);
  const asked = owed.filter(({ hook }) => readHookRole(status.kind, hook) === 'asked');
  const calls = new Map(asked.map(({ id }) => [id, heard.calls.filter((call) => call.id === id)]));
  const missing = owed.filter(({ id, hook }) => {
    const isTold = readHookRole(status.kind, hook) === 'told';
    if (isTold) return !events.some(({ type, data }) => type === 'hook.answered' && data.id === id);
    const isHeard = calls.get(id)?.some(({ answer }) => answer === 'succeeded');
    return !isHeard && !events.some(({ type, data }) => type === 'hook.answered' && data.id === id && data.isIgnored);
  });
  return [
    ...missing.map(({ id }) => `${name} has ${status.outcome}, and ${id} was not delivered`),
    ...findDisorder(
      name,
      asked.map(({ id }) => calls.get(id) ?? []),
    ),
  ];
}

/** Nobody is called before those before have said yes. */
function findDisorder(name: string, calls: readonly (readonly HeardCall[])[]): string[] {
  const faults: string[] = [];
  let last: HeardCall | undefined;
  for (const own of calls) {
    const [first] = own;
    if (first && last && first.at < last.answeredAt)
      faults.push(`${name}: ${first.id} was called before ${last.id} had succeeded`);
    last = own.find(({ answer }) => answer === 'succeeded') ?? last;
  }
  return faults;
}

/** Of a rollout that has not succeeded, those before the phases that it has done: it may have ended at any of the others. */
function listOwed(service: ServiceKey, status: RolloutStatus, hooks: readonly HookSpec[]): OwedCall[] {
  const isDone = status.outcome === 'succeeded';
  const steps = status.steps.filter(({ state }) => state === 'done').map(({ number }) => number);
  const at = (phase: HookSpec['phase'], moment: HookSpec['moment'], step?: number): OwedCall[] =>
    hooks
      .filter((hook) => hook.phase === phase && hook.moment === moment)
      .map((hook) => ({
        id: formatHookId({
          ...{ service, rollout: status.number, hook },
          ...(step !== undefined && status.steps.length > 1 ? { step: { number: step, of: 0, weight: 0 } } : {}),
        }),
        hook,
      }));
  const around = (phase: HookSpec['phase'], step?: number): OwedCall[] => {
    const found = status.phases.find((each) => each.phase === phase);
    // What is destroyed while a rollout is put back is nobody's business.
    if (found?.state !== 'done' || (!isDone && (phase === 'settle' || phase === 'teardown'))) return [];
    return [...at(phase, 'before', step), ...(isDone ? at(phase, 'after', step) : [])];
  };
  return PHASES.flatMap((phase) => {
    if (phase === 'bake') return [];
    return phase === 'shift'
      ? steps.flatMap((step) => [...around('shift', step), ...around('bake', step)])
      : around(phase);
  });
}
