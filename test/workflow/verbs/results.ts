import type { Cell } from './cells.ts';

/** What came of some sequences; a line of the results file. */
export interface BatchResult {
  seed: number;
  /** Of the sources it was made with. */
  commit: string;
  sequences: number;
  /** `seed 7, sequence 12: why`, and below that all that was seen. */
  failures: string[];
  /** In which somebody got no answer, so that not all of it could be judged. */
  unsure: number;
  /** Of these, those of which a worker has lost a task in the middle. */
  lost: number;
  restarts: number;
  replayed: number;
  seconds: number;
  /** How often each situation met each verb. */
  cells: Record<Cell, number>;
}
