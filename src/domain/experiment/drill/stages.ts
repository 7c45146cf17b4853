import { DRILL_VARIANTS } from './drill.ts';

/** Variants of a run that are made at the same time. An experiment has one stage, a drill three, one after the other. */
export interface Stage {
  variants: string[];
  /** What is told of a stage that is one of several. */
  place?: StagePlace;
}

export interface StagePlace {
  /** `back, 2 of 3`. */
  label: string;
  /** The release that is tried: `r4`. */
  tried: string;
  /** The release whose data it finds: `r5`. Absent of the first stage, which proves nothing about a rollback. */
  after?: string;
}

/** The stages of a drill, by what people call its two releases. */
export function planDrillStages({ from, to }: { from: string; to: string }): Stage[] {
  const tried = { first: from, back: to, again: from };
  return DRILL_VARIANTS.map((name, index) => {
    const before = DRILL_VARIANTS[index - 1];
    const label = `${name}, ${index + 1} of ${DRILL_VARIANTS.length}`;
    return { variants: [name], place: { label, tried: tried[name], ...(before ? { after: tried[before] } : {}) } };
  });
}

/** What a stack of a stage has to do; in the order in which it is asked. */
export type StageStep = 'provision' | 'validate' | 'probe';

const FAILED: Record<StageStep, string> = {
  provision: 'could not be made',
  validate: 'did not become healthy',
  probe: 'did not pass its probes',
};

/** `r4 did not become healthy on what r5 left: variant back is not healthy: …`. */
export function describeStageFailure({ tried, after }: StagePlace, step: StageStep, why: string): string {
  return `${tried} ${FAILED[step]}${after === undefined ? '' : ` on what ${after} left`}: ${why}`;
}
