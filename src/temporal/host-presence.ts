import { ANNOUNCE_EVERY_MS } from '../domain/hosts/host.ts';
import type { HostRegistry, HostSign } from '../store/hosts/registry.ts';
import { LogOnce } from './log-once.ts';
import { RepeatedLook } from './repeated-look.ts';

export interface HostPresenceOptions {
  hosts: Pick<HostRegistry, 'announce' | 'withdraw'>;
  sign: HostSign;
  log: (message: string, details: Record<string, unknown>) => void;
}

/**
 * Puts down again and again that this host has a worker. Where that cannot be written it is tried on: a worker that serves
 * its host well ends for no such reason, and whoever looks takes the host for away meanwhile. At its end it is put down that the
 * worker is gone, so that nobody counts on it until its silence is noticed.
 */
export class HostPresence implements AsyncDisposable {
  readonly #options: HostPresenceOptions;
  readonly #trouble: LogOnce;
  #signs: RepeatedLook | undefined;

  private constructor(options: HostPresenceOptions) {
    this.#options = options;
    this.#trouble = new LogOnce((error) => options.log('cannot put down that this host has a worker', { error }));
  }

  /** Has tried it once when it resolves. */
  static async announce(options: HostPresenceOptions): Promise<HostPresence> {
    const presence = new HostPresence(options);
    await presence.#sign();
    presence.#signs = new RepeatedLook(() => presence.#sign(), {
      everyMs: ANNOUNCE_EVERY_MS,
      firstMs: ANNOUNCE_EVERY_MS,
    });
    return presence;
  }

  async #sign(): Promise<void> {
    const { hosts, sign } = this.#options;
    await this.#trouble.attempt(() => hosts.announce(sign));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signs?.[Symbol.dispose]();
    const { hosts, sign } = this.#options;
    // Where that cannot be written, its silence says the same some seconds later.
    await hosts.withdraw(sign.id, sign.worker.id).catch(() => undefined);
  }
}
