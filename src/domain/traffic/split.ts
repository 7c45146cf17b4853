/** A revision and its weight among the others. */
export interface Share {
  revision: number;
  /** Whole number, 0–100; the weights of a split sum to 100. */
  weight: number;
}

interface Standing extends Share {
  /** How many hundredths of a request this revision is owed; negative when it is ahead. */
  credit: number;
}

/**
 * Decides which revision the next request goes to: smooth weighted round robin, as nginx does it
 * (https://github.com/nginx/nginx/commit/52327e0627f49dbda1e8db695e63a4b0af4448b1). Each pick adds every weight to its
 * credit, takes the revision with the highest credit and charges it the sum of the weights.
 *
 * It is exact, not random: any 100 picks in a row give each revision its weight in requests, spread out evenly, so that
 * a canary at 1 % gets one request in every hundred and small samples do not lie. A revision at weight 0 gets none.
 */
export class Split {
  #standings: Standing[] = [];
  #total = 0;

  constructor(shares: readonly Share[]) {
    this.reweigh(shares);
  }

  /**
   * Takes new weights. While the same revisions share the traffic their credits are kept, so that however often the
   * weights change, nobody is served first again and again. Two revisions stay exact through it; with more of them a
   * window that spans the change may be off by a request. When others share the traffic, all start level.
   */
  reweigh(shares: readonly Share[]): void {
    // In the order of revisions, so that a tie is always broken alike.
    const sharing = shares.filter((share) => share.weight > 0).toSorted((one, other) => one.revision - other.revision);
    const unchanged =
      sharing.length === this.#standings.length &&
      sharing.every((share, index) => share.revision === this.#standings[index]?.revision);
    this.#standings = sharing.map(({ revision, weight }, index) => ({
      revision,
      weight,
      credit: (unchanged ? this.#standings[index]?.credit : undefined) ?? 0,
    }));
    this.#total = sharing.reduce((sum, share) => sum + share.weight, 0);
  }

  /** The revision for the next request; undefined when nobody has any weight. */
  next(): number | undefined {
    let chosen: Standing | undefined;
    for (const standing of this.#standings) {
      standing.credit += standing.weight;
      if (!chosen || standing.credit > chosen.credit) chosen = standing;
    }
    if (chosen) chosen.credit -= this.#total;
    return chosen?.revision;
  }
}
