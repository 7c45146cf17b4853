import { readBootClock } from '../../../host/boot-clock.ts';
import { LeaseKeeper, type LeaseStep } from './lease-keeper.ts';

export interface WatchedLease {
  leaseMs: number;
  /** When the claim was sent, or the last renewal of it, by {@link readBootClock}. */
  provenAt: number;
  /** False where the claim is somebody else's. */
  renew: () => Promise<boolean>;
  /** Told once of each, in this order; of the second alone where there was no time for the first. */
  onStep: (step: Exclude<LeaseStep, 'go-on'>) => void;
}

/** How often it is looked at, in milliseconds: a process that stood still finds out this soon after it goes on. */
const LOOK_MS = 250;

/** Renews a lease, and says when that has not succeeded for too long. */
export class LeaseWatch implements Disposable {
  readonly #lease: WatchedLease;
  readonly #keeper: LeaseKeeper;
  readonly #timer: NodeJS.Timeout;
  #step: LeaseStep = 'go-on';
  #isOver = false;

  constructor(lease: WatchedLease) {
    this.#lease = lease;
    this.#keeper = new LeaseKeeper(lease.leaseMs, lease.provenAt);
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** When the last renewal that succeeded was sent. */
  get provenAt(): number {
    return this.#keeper.provenAt;
  }

  /** Whether what goes on under the lease may go on. */
  get isSound(): boolean {
    return this.#step === 'go-on';
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#isOver = true;
  }

  #look(): void {
    if (this.#isOver) return;
    const now = readBootClock();
    const { step, isDue } = this.#keeper.look(now);
    if (step !== this.#step && step !== 'go-on') {
      this.#step = step;
      this.#lease.onStep(step);
    }
    if (!isDue) return;
    this.#keeper.sent(now);
    void this.#renew();
  }

  async #renew(): Promise<void> {
    try {
      if (await this.#lease.renew()) this.#keeper.renewed();
      else this.#keeper.lost();
      this.#look();
    } catch {
      this.#keeper.failed();
    }
  }
}
