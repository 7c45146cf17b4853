import { type Client, ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client';
import { ApiError } from '../../contract/supplant-client.ts';
import type { ReaperClient } from '../../contract/experiment-client.ts';
import { computeFingerprint } from '../../domain/fingerprint.ts';
import type { ReaperReport } from '../../domain/reaper/finding.ts';
import { reaperIds } from '../../domain/reaper/ids.ts';
import type { RequestMeta } from '../../domain/service/requests.ts';
import { AuditConflictError } from '../../store/audit/store.ts';
import type { Store } from '../../store/store.ts';
import { withApiErrors } from './errors.ts';
import { findScheduleTrouble } from './schedule-trouble.ts';

/** How long Temporal may take to say how the schedule is, in milliseconds. */
const ANSWER_MS = 2_000;

/** A look that is late by so many times its interval is not only slow. */
const LATE = 4;

const NO_WORKER = 'is a worker running? It makes the schedule of the reaper, and looks';

/** The reaper as a gateway sees it: by what its last look has put down. */
export class Reaper implements ReaperClient {
  readonly #temporal: Client;
  readonly #store: () => Promise<Pick<Store, 'audit' | 'reaper'>>;

  constructor(temporal: Client, store: () => Promise<Pick<Store, 'audit' | 'reaper'>>) {
    this.#temporal = temporal;
    this.#store = store;
  }

  report({ includeOwned = false }: { includeOwned?: boolean } = {}): Promise<ReaperReport> {
    return withApiErrors(async () => {
      const look = await (await this.#store()).reaper.look();
      const trouble = [look?.trouble, (await this.#scheduleTrouble()) ?? findLateness(look, Date.now())];
      const known = trouble.filter((each) => each !== undefined).join('; ');
      const { sharedAt: _own, trouble: _told, ...report } = look ?? { findings: [], owned: 0 };
      const findings = report.findings.filter(({ verdict }) => includeOwned || verdict !== 'owned');
      return { ...report, findings, ...(known === '' ? {} : { trouble: known }) };
    });
  }

  run({ skipGrace = false }: { skipGrace?: boolean }, change: RequestMeta): Promise<string> {
    return withApiErrors(async () => {
      const what = skipGrace
        ? 'all that has no owner is destroyed at once, and what was given up is tried once more'
        : 'what has no owner and is due is destroyed';
      if (change.dryRun === true) return `the reaper looks now; ${what}`;
      await this.#record(skipGrace, change);
      const later = await this.#trigger();
      return later === undefined ? `the reaper looks now; ${what}` : `with the reaper’s next look ${what}; ${later}`;
    });
  }

  /** A request that is recorded is taken up by the next look, whatever comes between. */
  async #record(skipGrace: boolean, { requestId, actor, reason }: RequestMeta): Promise<void> {
    const { audit, reaper } = await this.#store();
    const data = { skipGrace };
    const fingerprint = computeFingerprint(data);
    const known = await reaper.request(requestId);
    if (known && known.fingerprint !== fingerprint) throw conflict(requestId);
    const why = reason === undefined ? {} : { reason };
    const type = 'reaper.requested';
    try {
      await audit.append({ key: `reaper/${type}/${requestId}`, type, subject: 'reaper', actor, ...why, data });
    } catch (error) {
      if (error instanceof AuditConflictError) throw conflict(requestId);
      throw error;
    }
    const stands = await reaper.ask({ requestId, fingerprint, skipGrace, at: new Date().toISOString() });
    if (stands.fingerprint !== fingerprint) throw conflict(requestId);
  }

  /** Why it does not look now, where it does not. One look that runs already may have begun before the request. */
  async #trigger(): Promise<string | undefined> {
    try {
      await this.#inTime(() => this.#schedule().trigger(ScheduleOverlapPolicy.BUFFER_ONE));
      return undefined;
    } catch (error) {
      return error instanceof ScheduleNotFoundError
        ? `it has no schedule yet: ${NO_WORKER}`
        : 'Temporal does not answer';
    }
  }

  async #scheduleTrouble(): Promise<string | undefined> {
    const trouble = await findScheduleTrouble(this.#temporal, reaperIds.schedule);
    switch (trouble?.kind) {
      case undefined:
        return undefined;
      case 'paused': {
        const note = trouble.note === '' ? '' : ` (${trouble.note})`;
        return `somebody has paused its schedule in Temporal, ${reaperIds.schedule}${note}: it does not look by itself`;
      }
      case 'missing':
        return `it has no schedule in Temporal: ${NO_WORKER}`;
      case 'silent':
        return 'Temporal does not answer: it does not look';
    }
  }

  #schedule() {
    return this.#temporal.schedule.getHandle(reaperIds.schedule);
  }

  #inTime<T>(ask: () => Promise<T>): Promise<T> {
    return this.#temporal.connection.withDeadline(Date.now() + ANSWER_MS, ask);
  }
}

function findLateness(look: ReaperReport | undefined, now: number): string | undefined {
  if (look?.lookedAt === undefined) return `it has not looked yet: ${NO_WORKER}`;
  const lookedAt = Date.parse(look.lookedAt);
  const interval = Date.parse(look.nextLookAt ?? '') - lookedAt;
  const isLate = now - lookedAt > LATE * interval;
  return isLate ? `it has not looked since ${look.lookedAt}: ${NO_WORKER}` : undefined;
}

function conflict(requestId: string): ApiError {
  return new ApiError('CONFLICT', `request id ${requestId} was used before with other content`, {
    suggestion: 'leave the id out, or use a new one',
  });
}
