import {
  type ContractRecord,
  MOST_PENDING,
  type PendingContract,
  buildContractBody,
  formatContractId,
  listDependants,
  toPending,
} from '../domain/migrations/contract.ts';
import type { HookAnswer } from '../domain/hooks/answer.ts';
import type { RolloutRef } from '../domain/service/requests.ts';
import { formatRevisionName } from '../domain/service/revision.ts';
import type { RevisionSet } from '../domain/service/revision-set.ts';
import type { ServiceKey } from '../domain/service/service.ts';
import type { HookCaller } from '../hooks/caller.ts';
import type { Catalogue } from '../store/catalogue/catalogue.ts';
import { createPermanentFailure } from './failures.ts';
import { withHeartbeats } from './heartbeat.ts';
import { callOnce } from './hooks.ts';
import type { Recorder, Recording } from './recorder.ts';

export interface ContractTask {
  service: ServiceKey;
  revision: number;
}

export interface ContractCallTask extends ContractTask {
  /** From 1 on. */
  attempt: number;
  timeoutMs: number;
}

export interface ContractReport extends ContractTask {
  answer: HookAnswer;
  calls: number;
  /** ISO 8601. */
  at: string;
}

/** Whether a contract has begun. */
export interface BegunContract {
  /** Revisions that have to go first; absent where it has begun. */
  waitsFor?: number[];
}

/** What a service's workflow carries of contracts. */
export interface RecalledContracts {
  contracts?: PendingContract[];
  contractedBy?: number;
}

/** Called by a service between its rollouts. */
export function contractCallActivities({ contracts }: Pick<Catalogue, 'contracts'>, hooks: HookCaller) {
  return {
    /** @throws ApplicationFailure `NotRecorded` where no such contract has begun */
    async callContract({ service, revision, attempt, timeoutMs }: ContractCallTask): Promise<HookAnswer> {
      const contract = await findContract({ contracts }, { service, revision });
      if (contract?.state !== 'begun') {
        throw createPermanentFailure('NotRecorded', `no contract of ${formatRevisionName(revision)} has begun`);
      }
      const { url, secret } = contract;
      const id = formatContractId(service, revision);
      const body = buildContractBody(service, contract, attempt, new Date().toISOString());
      return withHeartbeats((signal) => callOnce(hooks, { url, secret, id, body, timeoutMs }, signal));
    },
  };
}

/** Records what becomes of contracts. */
export function contractRecordActivities({ catalogue, atOnce }: Recorder) {
  return {
    recallContracts: (service: ServiceKey): Promise<RecalledContracts> => recallContracts(catalogue, service),

    /**
     * From here on nobody goes back to a revision from before: on record before it is called. What still runs from before, by the
     * record, it waits for: nothing is done then.
     */
    beginContract({ service, revision, at }: ContractTask & { at: string }): Promise<BegunContract> {
      return atOnce(async ({ journal, catalogue: into }) => {
        const contract = await findContract(into, { service, revision });
        if (contract?.state !== 'waiting') return {};
        const [{ revisions, quarantine } = { revisions: [], quarantine: [] }] = await into.overview(service);
        // Those that have a stack, and the latest that had one, whatever is left of it.
        const others = (await into.revisions(service)).filter(({ state }) => state === 'retired' || state === 'failed');
        const waitsFor = listDependants(revision, [...revisions, ...others], quarantine);
        if (waitsFor.length > 0) return { waitsFor };
        const name = formatRevisionName(revision);
        const data = { revision: name, id: formatContractId(service, revision) };
        await journal.write(refOf(service, contract), 'contract.begun', name, data);
        await into.contracts.save(service, { ...contract, state: 'begun', since: at });
        return {};
      });
    },

    /** What it said last. That it failed is kept in the audit log, too; what is in progress is told by its status. */
    async recordContract({ service, revision, answer, calls, at }: ContractReport): Promise<void> {
      const { status, reason } = answer;
      await atOnce(async ({ journal, catalogue: into }) => {
        const contract = await findContract(into, { service, revision });
        if (contract?.state !== 'begun') return;
        const { reason: _before, ...record } = contract;
        const said = { ...record, calls, ...(reason === undefined ? {} : { reason }) };
        const isDone = status === 'succeeded';
        if (isDone || status === 'failed') {
          const data = { revision: formatRevisionName(revision), status, calls };
          const type = isDone ? 'contract.done' : 'contract.failed';
          await journal.writeFirst(refOf(service, contract), type, `${data.revision}-${calls}`, data, reason);
        }
        await into.contracts.save(service, isDone ? { ...said, state: 'done', since: at } : said);
      });
    },
  };
}

export async function recallContracts(
  catalogue: Pick<Catalogue, 'contracts'>,
  service: ServiceKey,
): Promise<RecalledContracts> {
  const all = await catalogue.contracts.list(service);
  const contracts = all.flatMap((record) => toPending(record) ?? []).slice(0, MOST_PENDING);
  const contractedBy = all.findLast(({ state }) => state === 'begun' || state === 'done')?.revision;
  return {
    ...(contracts.length === 0 ? {} : { contracts }),
    ...(contractedBy === undefined ? {} : { contractedBy }),
  };
}

/** With the decision what is live: what a newer revision would have taken away stays, and what the new one asks for is noted. */
export async function settleContracts(
  { journal, catalogue }: Recording,
  { ref, revisionSet }: { ref: RolloutRef; revisionSet: RevisionSet },
): Promise<void> {
  const { live } = revisionSet;
  const number = live?.revision.number ?? 0;
  for (const contract of await catalogue.contracts.list(ref.service)) {
    if (contract.state !== 'waiting' || contract.revision <= number) continue;
    const name = formatRevisionName(contract.revision);
    const reason = live ? `${formatRevisionName(number)} is live again` : 'the service is removed';
    await journal.write(ref, 'contract.cancelled', name, { revision: name }, reason);
    await catalogue.contracts.save(ref.service, { ...contract, state: 'cancelled', reason });
  }
  const request = live && (await catalogue.requests.entry(ref.service, ref.number));
  if (!live || !request?.contract || request.revision?.number !== number) return;
  const planned = { ...request.contract, revision: number, rollout: ref.number, liveSince: live.since };
  const name = formatRevisionName(number);
  await journal.writeFirst(ref, 'contract.planned', name, { revision: name, afterMs: planned.afterMs });
  await catalogue.contracts.save(ref.service, { ...planned, state: 'waiting', since: live.since, calls: 0 });
}

async function findContract(
  { contracts }: Pick<Catalogue, 'contracts'>,
  { service, revision }: ContractTask,
): Promise<ContractRecord | undefined> {
  return (await contracts.list(service)).find((each) => each.revision === revision);
}

function refOf(service: ServiceKey, { rollout }: ContractRecord): RolloutRef {
  return { service, number: rollout, actor: 'supplant' };
}
