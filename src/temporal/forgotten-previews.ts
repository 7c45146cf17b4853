import { formatExperimentId } from '../domain/experiment/experiment.ts';
import { readPreview } from '../domain/preview/preview.ts';
import type { ExperimentKey } from '../domain/experiment/experiment.ts';
import { type AuditStore, AuditConflictError } from '../store/audit/store.ts';
import type { ExperimentStore } from '../store/experiments/stores.ts';

/** A preview whose last run is over for longer than it is kept. */
export interface ForgottenPreview {
  experiment: ExperimentKey;
  lastRun: number;
  /** Of its description. */
  version: number;
  /** When it was over, ISO 8601. */
  overAt: string;
}

/** Previews that nobody has renewed for as long as they are kept. One that goes on, or has not begun, is none of them. */
export async function findForgottenPreviews(
  { experiments, runs }: Pick<ExperimentStore, 'experiments' | 'runs'>,
  now: Date,
): Promise<ForgottenPreview[]> {
  const found: ForgottenPreview[] = [];
  for (const { spec, lastRun, version } of await experiments.list()) {
    if (!readPreview(spec) || lastRun === 0) continue;
    const { experiment, keepMs } = spec;
    const [last] = await runs.list(experiment, { limit: 1 });
    const overAt = last?.status.endedAt;
    if (overAt === undefined || Date.parse(overAt) + keepMs > now.getTime()) continue;
    if ((await runs.open(experiment)).length === 0) found.push({ experiment, lastRun, version, overAt });
  }
  return found;
}

/** Takes its description away, on record; its port is free. Somebody who opens the branch again has it anew. */
export async function forgetPreview(
  { experiments }: Pick<ExperimentStore, 'experiments'>,
  audit: Pick<AuditStore, 'append'>,
  { experiment, lastRun, overAt, version }: ForgottenPreview,
): Promise<void> {
  const subject = formatExperimentId(experiment);
  const type = 'preview.forgotten';
  const reason = `it was over at ${overAt}, and nobody has renewed it since`;
  try {
    const key = `${subject}/${type}/${lastRun}`;
    await audit.append({ key, type, subject, actor: 'supplant', reason, data: { lastRun, overAt } });
  } catch (error) {
    if (!(error instanceof AuditConflictError)) throw error;
  }
  // Somebody may have opened it again meanwhile.
  await experiments.delete(experiment, new Date().toISOString(), version);
}
