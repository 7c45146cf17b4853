import type { HostClient } from '../../src/contract/host-client.ts';
import { ApiError } from '../../src/contract/supplant-client.ts';
import type { HostView } from '../../src/domain/hosts/view.ts';
import { describeForgetting } from '../../src/domain/hosts/words.ts';
import type { RequestMeta } from '../../src/domain/service/requests.ts';

/** What the double of hosts answers with. */
export interface HostAnswers {
  hosts?: HostView[];
}

/** A double of what knows about hosts: records what it was asked. */
export class RecordingHosts implements HostClient {
  readonly #answers: HostAnswers;
  readonly #record: (method: string, ...args: unknown[]) => void;

  constructor(answers: HostAnswers, record: (method: string, ...args: unknown[]) => void) {
    this.#answers = answers;
    this.#record = record;
  }

  async list(): Promise<HostView[]> {
    this.#record('listHosts');
    return this.#answers.hosts ?? [];
  }

  async forget(host: string, change: RequestMeta): Promise<string> {
    this.#record('forgetHost', host, change);
    const found = this.#answers.hosts?.find(({ id }) => id === host);
    if (!found) throw new ApiError('NOT_FOUND', `there is no host '${host}'`);
    return describeForgetting(found);
  }
}
