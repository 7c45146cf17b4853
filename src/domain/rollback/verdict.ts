export const ROLLBACK_VERDICTS = ['proven', 'disproven'] as const;
export type RollbackVerdict = (typeof ROLLBACK_VERDICTS)[number];

/** What is known of a rollback where somebody plans one release in the place of another. */
export interface RollbackSafety {
  /** The revision that it would lead to. */
  to: number;
  verdict: RollbackVerdict | 'not-proven';
  /** The drill that has found that out: `web-drill/production@3`. */
  run?: string;
  /** What went wrong, of a rollback that was disproven. */
  because?: string;
}

/** What drills have found out about one release, by the release that it can go back to; as workflows carry it. */
export interface KnownRollback {
  to: string;
  verdict: RollbackVerdict;
  /** `web-drill/production@3`. */
  run: string;
  because?: string;
}
