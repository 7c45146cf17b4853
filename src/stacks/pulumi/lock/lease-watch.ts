import { readBootClock } from '../../../host/boot-clock.ts';
import { LeaseKeeper, type LeaseStep } from './lease-keeper.ts';

export interface WatchedLease {
  leaseMs: number;
  /** When the claim was sent, or the last renewal of it, by {@link readBootClock}. */
  provenAt: number;
  /**
   * Whether another process renews it, too, and ends what works under it: then it may count although this one stood still, and
   * the ledger is asked before anything is told.
   */
  isShared?: boolean;
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
  readonly #clock: () => number;
  readonly #timer: NodeJS.Timeout;
  #keeper: LeaseKeeper;
  #step: LeaseStep = 'go-on';
  #isAsking = false;
  #isOver = false;

  /** @param clock in milliseconds; nobody sets it, and all processes of the machine share it */
  constructor(lease: WatchedLease, clock: () => number = readBootClock) {
    this.#lease = lease;
    this.#clock = clock;
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
    if (this.#isOver || this.#isAsking) return;
    const { step, isDue } = this.#keeper.look(this.#clock());
    if (step !== 'go-on' && this.#step === 'go-on' && this.#lease.isShared === true) {
      void this.#ask();
      return;
    }
    if (step !== 'go-on' && step !== this.#step) this.#tell(step);
    if (isDue) void this.#renew();
  }

  #tell(step: Exclude<LeaseStep, 'go-on'>): void {
    this.#step = step;
    this.#lease.onStep(step);
  }

  async #renew(): Promise<void> {
    const keeper = this.#keeper;
    keeper.sent(this.#clock());
    try {
      if (await this.#lease.renew()) keeper.renewed();
      else keeper.lost();
      this.#look();
    } catch {
      keeper.failed();
    }
  }

  /** Begins anew where the lease counts. */
  async #ask(): Promise<void> {
    this.#isAsking = true;
    const sentAt = this.#clock();
    const counts = await this.#lease.renew().catch(() => false);
    this.#isAsking = false;
    if (this.#isOver) return;
    if (counts) this.#keeper = new LeaseKeeper(this.#lease.leaseMs, sentAt);
    const { step } = this.#keeper.look(this.#clock());
    if (step !== 'go-on') this.#tell(step);
  }
}
