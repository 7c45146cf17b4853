import { type RunRef, formatRunName } from '../../domain/experiment/run.ts';
import type { ExperimentStore } from '../../store/experiments/stores.ts';
import { endForRun } from './end-for-run.ts';
import { requireRun } from './require-run.ts';
import type { RunJournal } from './run-journal.ts';

export interface HandOverTask {
  ref: RunRef;
  actor: string;
}

/** Ends the runs whose place another one has taken. */
export function handOverActivities(store: Pick<ExperimentStore, 'runs'>, journal: RunJournal) {
  return {
    /**
     * Has all earlier runs end that go on: the run is healthy, and has their addresses. One that is to end itself leaves
     * them alone. Returns the workflows that are to be told.
     */
    async endEarlierRuns({ ref, actor }: HandOverTask): Promise<string[]> {
      const { status, stop } = await requireRun(store, ref);
      if (stop || status.outcome !== undefined) return [];
      const open = await store.runs.open(ref.experiment);
      const runs = open.filter((each) => each.status.run < ref.run && !each.stop).map((each) => each.status.run);
      const reason = `${formatRunName(ref)} has taken its place`;
      return endForRun(store, journal, { ...ref, actor }, { runs, reason });
    },
  };
}
