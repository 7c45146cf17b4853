/** A resource that is not as it was made: it has other properties, or is there no more. */
export const DRIFT_KINDS = ['changed', 'gone'] as const;
export type DriftKind = (typeof DRIFT_KINDS)[number];

/** One resource that is not as it was made. Holds no value of any property: those may be secret. */
export interface DriftFinding {
  /** In the engine's words, and unique in the stack. */
  urn: string;
  /** `aws:lb/targetGroup:TargetGroup` */
  type: string;
  /** `p1` */
  name: string;
  kind: DriftKind;
  /** The names of the properties that differ, in order. None of what is gone. */
  properties: string[];
  /** Tells this change from another one of the same properties, and nothing else. Empty of what is gone. */
  mark: string;
}

/** The same for the same drift, whenever it is seen. */
export function identifyFinding({ urn, kind, mark }: Pick<DriftFinding, 'urn' | 'kind' | 'mark'>): string {
  return `${kind} ${urn} ${mark}`.trimEnd();
}

/** Whether two looks have seen the same, in whatever order. */
export function areSameFindings(one: readonly DriftFinding[], other: readonly DriftFinding[]): boolean {
  const known = new Set(one.map(identifyFinding));
  const seen = new Set(other.map(identifyFinding));
  return known.size === seen.size && [...seen].every((key) => known.has(key));
}
