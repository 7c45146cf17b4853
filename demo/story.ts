import { setTimeout as sleep } from 'node:timers/promises';
import type { Cast } from './cast.ts';
import type { LoadReport } from './load-counts.ts';
import { playExperiment } from './play-experiment.ts';
import { type Rollback, playRollout } from './play-rollout.ts';
import type { CaughtReport, ExperimentReport, RefusedReport, RollbackReport, RolloutReport } from './report.ts';
import { watchTraffic } from './watch-traffic.ts';

export interface Story {
  rollouts: RolloutReport[];
  refused: RefusedReport;
  caught: CaughtReport;
  rollback: RollbackReport;
  experiment: ExperimentReport;
  load: LoadReport | undefined;
}

/** Traffic goes on between two chapters, and after the last: what a change broke shows. */
const BREATHER_MS = 1000;

/** Plays all chapters, one after the other; one that does not end as it should is the last. */
export async function play(cast: Cast): Promise<Story> {
  const { rollouts, experiment, load, signal } = cast;
  const watching = new AbortController();
  const traffic = watchTraffic(cast, AbortSignal.any([signal, watching.signal]));
  const story: Omit<Story, 'load'> = {
    rollouts: rollouts.map(({ title, revision, expected }) => ({
      title,
      revision,
      expected,
      outcome: 'none',
      seconds: 0,
    })),
    refused: { revision: 0, requests: 0, checks: 0, stackLeft: false },
    caught: { revision: 0, weight: 0, exposureMs: 0, worstExposureMs: 0 },
    rollback: { millis: 0, lastOldAnswerMillis: 0 },
    experiment: {
      title: experiment.title,
      run: 0,
      outcome: 'none',
      seconds: 0,
      variants: [],
      found: [],
      live: { requests: 0, failed: 0 },
      left: [],
    },
  };
  let rolledBack: Rollback | undefined;
  for (const [index, chapter] of rollouts.entries()) {
    const performance = await playRollout(cast, chapter, index);
    story.rollouts[index] = performance.report;
    if (performance.refused) story.refused = performance.refused;
    if (performance.caught) story.caught = performance.caught;
    if (performance.rollback) rolledBack = performance.rollback;
    if (performance.report.outcome !== chapter.expected) break;
    await sleep(BREATHER_MS, undefined, { signal });
  }
  if (story.rollouts.every(({ outcome, expected }) => outcome === expected)) {
    story.experiment = await playExperiment(cast, experiment, rollouts.length);
    await sleep(BREATHER_MS, undefined, { signal });
  }
  watching.abort();
  const { began, served } = await traffic;
  const counts = began ? await load.stop() : undefined;
  story.refused.requests += served.get(story.refused.revision) ?? 0;
  if (rolledBack) story.rollback = rollbackReport(rolledBack, counts);
  return { ...story, load: counts };
}

function rollbackReport({ calledAt, millis }: Rollback, load: LoadReport | undefined): RollbackReport {
  const answers = Object.values(load?.answers ?? {});
  // Answers of the warm version go on to the end; the other one's stop with the rollback.
  const last = Math.min(...answers.map(({ lastSentAt }) => lastSentAt));
  return { millis, lastOldAnswerMillis: Number.isFinite(last) ? Math.max(0, last - calledAt) : 0 };
}
