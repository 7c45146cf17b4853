/** A time in which clients cannot be served: whatever splits their traffic, or everything, was killed. */
export interface Outage {
  because: string;
  /** On `performance.now`'s clock, as all times here. */
  from: number;
  /** Everything is back up; what is asked from here on may be expected to succeed, at the latest after one more failure. */
  ready?: number;
  /** The first success of a request that began after that. */
  to?: number;
}

export interface Failure {
  from: number;
  to: number;
  error: string;
}

/** Tells the failures that a killed router explains from those that nothing does. */
export class Outages {
  readonly all: Outage[] = [];
  readonly #failures: Failure[] = [];

  begin(because: string): Outage {
    const outage: Outage = { because, from: performance.now() };
    this.all.push(outage);
    return outage;
  }

  over(outage: Outage): void {
    outage.ready = performance.now();
  }

  succeeded(from: number): void {
    for (const outage of this.all) {
      if (outage.to === undefined && outage.ready !== undefined && from >= outage.ready) outage.to = performance.now();
    }
  }

  failed(failure: Failure): void {
    this.#failures.push(failure);
  }

  /** How many failures there were in outages: requests in flight on what was killed, or made while it was down. */
  get excused(): number {
    return this.#failures.length - this.unexcused.length;
  }

  get unexcused(): Failure[] {
    return this.#failures.filter(({ from, to }) => !this.all.some((outage) => overlaps(outage, from, to)));
  }
}

function overlaps(outage: Outage, from: number, to: number): boolean {
  return to >= outage.from && from <= (outage.to ?? Number.POSITIVE_INFINITY);
}
