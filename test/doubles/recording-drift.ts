import type { DriftClient } from '../../src/contract/drift-client.ts';
import { ApiError } from '../../src/contract/supplant-client.ts';
import type { DriftReport } from '../../src/domain/drift/view.ts';
import type { RequestMeta } from '../../src/domain/service/requests.ts';
import { type ServiceKey, formatServiceId } from '../../src/domain/service/service.ts';

/** What the double of drift answers with. */
export interface DriftAnswers {
  drift?: DriftReport;
  /** So many requests to look are told first that it takes longer. */
  unfinished?: number;
}

/** A double of what knows about drift: records what it was asked. */
export class RecordingDrift implements DriftClient {
  readonly #answers: DriftAnswers;
  readonly #record: (method: string, ...args: unknown[]) => void;
  #unfinished: number;

  constructor(answers: DriftAnswers, record: (method: string, ...args: unknown[]) => void) {
    this.#answers = answers;
    this.#record = record;
    this.#unfinished = answers.unfinished ?? 0;
  }

  async list(service?: ServiceKey): Promise<DriftReport> {
    this.#record('listDrift', service);
    const { stacks, ...report } = this.#answers.drift ?? { stacks: [] };
    if (!service) return { ...report, stacks };
    const id = formatServiceId(service);
    const own = stacks.filter((each) => formatServiceId(each.service) === id);
    if (own.length === 0) throw new ApiError('NOT_FOUND', `there is no service ${id}`);
    return { ...report, stacks: own };
  }

  async check(service: ServiceKey | undefined, change: RequestMeta): Promise<string> {
    this.#record('checkDrift', service, change);
    if (this.#unfinished > 0) {
      this.#unfinished -= 1;
      throw new ApiError('UNAVAILABLE', 'it takes longer', { progress: 'looking at all stacks' });
    }
    return '3 stacks, 1 not as they were made, 0 that could not be looked at';
  }

  async acknowledge(service: ServiceKey, revision: number, change: RequestMeta): Promise<string> {
    this.#record('acknowledgeDrift', service, revision, change);
    return 'p1 (local-process:index:Process) is gone: that may stay';
  }
}
