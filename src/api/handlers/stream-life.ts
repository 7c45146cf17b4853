import type { ServiceKey } from '../../domain/service.ts';
import type { Permission } from '../authenticator.ts';
import type { Call } from '../call.ts';
import { refusal } from '../errors.ts';

/** How long a stream may go on: while its reader listens and may, and the gateway is not to stop. */
export class StreamLife implements Disposable {
  readonly #call: Call;
  readonly #lost = new AbortController();
  readonly #listening: Disposable;

  private constructor(call: Call, permission: Permission, service: ServiceKey | undefined) {
    this.#call = call;
    this.#listening = call.gateway.rights.onChange(() => {
      call.again(permission, service).catch((error: unknown) => this.#lost.abort(error));
    });
  }

  /** @throws when the caller has lost the permission since it was let in: it had all the time that its request took */
  static async of(call: Call, permission: Permission, service?: ServiceKey): Promise<StreamLife> {
    const life = new StreamLife(call, permission, service);
    try {
      await call.again(permission, service);
      return life;
    } catch (error) {
      life[Symbol.dispose]();
      throw error;
    }
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
      throw refusal('UNAVAILABLE', 'this gateway is shutting down; resume with another one');
    }
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
  }
}
