import { formatRunName } from '../../domain/experiment/run.ts';
import type { JsonObject } from '../../domain/json.ts';
import { type ReaperNote, type StackName, formatStackId } from '../../domain/reaper/facts.ts';
import { formatExperimentId, parseVariantStack } from '../../domain/experiment/experiment.ts';
import { parseStackName } from '../../domain/service/revision.ts';
import { formatServiceId } from '../../domain/service/service.ts';
import { AuditConflictError, type AuditEntry, type AuditStore } from '../../store/audit/store.ts';

/** In whose name the reaper acts. */
export const ACTOR = 'supplant';

/** Writes the reaper's audit events, under keys that make a repeat a repeat. */
export class ReaperJournal {
  readonly #store: AuditStore;

  constructor(store: AuditStore) {
    this.#store = store;
  }

  /** What was found without an owner; before anything is done about it. */
  condemned(note: ReaperNote, because: string): Promise<void> {
    return this.#write(note, 'reaper.condemned', { reason: note.reason }, because);
  }

  /** It is gone. */
  reaped(note: ReaperNote): Promise<void> {
    return this.#write(note, 'reaper.reaped', { attempts: note.attempts });
  }

  /** A person has to look after it. */
  gaveUp(note: ReaperNote): Promise<void> {
    const { attempts, lastError = 'unknown' } = note;
    return this.#write(note, 'reaper.gave-up', { attempts, lastError });
  }

  #write(note: ReaperNote, type: string, data: JsonObject, reason?: string): Promise<void> {
    const variant = parseVariantStack(note.project, note.stack);
    return this.#append({
      key: `reaper/${formatStackId(note)}/${type}/${note.foundAt}`,
      type,
      subject: subjectOf(note),
      ...(variant ? { rollout: formatRunName(variant) } : {}),
      actor: ACTOR,
      ...(reason === undefined ? {} : { reason }),
      data: { project: note.project, stack: note.stack, foundAt: note.foundAt, ...data },
    });
  }

  /** A repeat may see or word it slightly differently: the first one stands. */
  async #append(entry: AuditEntry): Promise<void> {
    try {
      await this.#store.append(entry);
    } catch (error) {
      if (!(error instanceof AuditConflictError)) throw error;
    }
  }
}

/** What it was a stack of; itself, where nobody knows. */
function subjectOf({ project, stack }: StackName): string {
  const variant = parseVariantStack(project, stack);
  if (variant) return formatExperimentId(variant.experiment);
  const revision = parseStackName(project, stack);
  return revision ? formatServiceId(revision.service) : `${stack}/${project}`;
}
