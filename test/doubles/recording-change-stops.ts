import type { ChangeStopClient } from '../../src/contract/change-stop-client.ts';
import type { ChangeStop } from '../../src/domain/gates/stop.ts';
import type { RequestMeta } from '../../src/domain/service/requests.ts';

export interface ChangeStopAnswers {
  stops?: ChangeStop[];
}

/** A double of the client of stops: records what it was asked, and sets none. */
export class RecordingChangeStops implements ChangeStopClient {
  readonly #answers: ChangeStopAnswers;
  readonly #record: (method: string, ...args: unknown[]) => void;

  constructor(answers: ChangeStopAnswers, record: (method: string, ...args: unknown[]) => void) {
    this.#answers = answers;
    this.#record = record;
  }

  async list(): Promise<ChangeStop[]> {
    this.#record('listChangeStops');
    return this.#answers.stops ?? [];
  }

  async set(stop: Pick<ChangeStop, 'environment' | 'until'>, change: RequestMeta): Promise<string> {
    this.#record('setChangeStop', stop, change);
    return 'deployments wait';
  }

  async lift(scope: Pick<ChangeStop, 'environment'>, change: RequestMeta): Promise<string> {
    this.#record('liftChangeStop', scope, change);
    return 'what waits goes on';
  }
}
