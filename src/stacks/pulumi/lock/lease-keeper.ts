/** What is to be done for a lease at the moment. `stop`: what goes on under it is to end in order; `kill`: it is to end at once. */
export type LeaseStep = 'go-on' | 'stop' | 'kill';

/** What a look finds: what is to be done, and whether a renewal is due. */
export interface LeaseLook {
  step: LeaseStep;
  isDue: boolean;
}

/** Of a lease that is not renewed: the share of it after which each thing is due. */
const RENEW = 1 / 4;
const STOP = 1 / 2;
/** What is left is for the kill to be done, and for clocks that do not go alike. */
const KILL = 3 / 4;

/**
 * Decides what becomes of an engine by what is known of its lease. It counts from the moment in which the last renewal that
 * succeeded was sent: the database has set the end of the lease no earlier than that. All times are in milliseconds, by a
 * clock that nobody sets. What was once to stop is never to go on.
 */
export class LeaseKeeper {
  readonly #leaseMs: number;
  #provenAt: number;
  #sentAt: number | undefined;
  #step: LeaseStep = 'go-on';

  /** @param provenAt when the claim was sent, or the last renewal of it */
  constructor(leaseMs: number, provenAt: number) {
    this.#leaseMs = leaseMs;
    this.#provenAt = provenAt;
  }

  /** When the last renewal that succeeded was sent. */
  get provenAt(): number {
    return this.#provenAt;
  }

  look(now: number): LeaseLook {
    const age = now - this.#provenAt;
    if (age >= KILL * this.#leaseMs) this.#step = 'kill';
    else if (age >= STOP * this.#leaseMs && this.#step === 'go-on') this.#step = 'stop';
    // What is to stop needs the lease until it has.
    const isDue = this.#step !== 'kill' && this.#sentAt === undefined && age >= RENEW * this.#leaseMs;
    return { step: this.#step, isDue };
  }

  sent(now: number): void {
    this.#sentAt = now;
  }

  /** The renewal that was sent has succeeded. */
  renewed(): void {
    if (this.#sentAt !== undefined) this.#provenAt = this.#sentAt;
    this.#sentAt = undefined;
  }

  /** No answer has come to the renewal that was sent. */
  failed(): void {
    this.#sentAt = undefined;
  }

  /** The claim is somebody else's. */
  lost(): void {
    this.#sentAt = undefined;
    this.#step = 'kill';
  }
}
