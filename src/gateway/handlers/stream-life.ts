import type { ServiceKey } from '../../domain/service/service.ts';
import type { Permission } from '../auth/authenticator.ts';
import type { Call } from '../call.ts';
import { createRefusalError } from '../errors.ts';
import { Alarm } from './alarm.ts';

interface Reader {
  permission: Permission;
  /** Without it: all services. */
  service?: ServiceKey | undefined;
  /**
   * Whether it ends with the reader's credentials too. A stream that has an end of its own outlives them: a build's token is
   * good for minutes, and its rollout lasts for an hour.
   */
  endsWithCredentials: boolean;
}

/** How long a stream may go on: while its reader listens and may, and the gateway is not to stop. */
export class StreamLife implements Disposable {
  readonly #call: Call;
  readonly #reader: Reader;
  readonly #lost = new AbortController();
  readonly #listening: Disposable;
  readonly #expiry = new Alarm(() => void this.#check());

  private constructor(call: Call, reader: Reader) {
    this.#call = call;
    this.#reader = reader;
    this.#listening = call.gateway.rights.onChange(() => void this.#check());
  }

  /** @throws when the caller has lost the permission since it was let in: it had all the time that its request took */
  static async of(call: Call, reader: Reader): Promise<StreamLife> {
    const life = new StreamLife(call, reader);
    try {
      await life.#ask();
      return life;
    } catch (error) {
      life[Symbol.dispose]();
      throw error;
    }
  }

  async #check(): Promise<void> {
    try {
      await this.#ask();
    } catch (error) {
      this.#lost.abort(error);
    }
  }

  async #ask(): Promise<void> {
    const { permission, service, endsWithCredentials } = this.#reader;
    const { until } = await this.#call.again(permission, service);
    if (endsWithCredentials) this.#expiry.set(until);
  }

  /** Aborted when the stream is to end. */
  get signal(): AbortSignal {
    return AbortSignal.any([this.#call.signal, this.#call.gateway.draining, this.#lost.signal]);
  }

  /** Why it has ended, for its reader. */
  end(): void {
    this.#call.signal.throwIfAborted();
    this.#lost.signal.throwIfAborted();
    if (this.#call.gateway.draining.aborted) {
      throw createRefusalError('UNAVAILABLE', 'this gateway is shutting down; resume with another one');
    }
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
    this.#expiry[Symbol.dispose]();
  }
}
