import { resolve } from 'node:path';
import { AuditUnavailableError } from '../../store/audit/store.ts';
import { ApiError } from '../../contract/supplant-client.ts';
import type { BackupContent } from '../../store/backup/commands.ts';
import { BackupError } from '../../store/backup/format.ts';
import { UsageError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import type { Session } from '../session.ts';
import { type StoreOption, storeOf } from '../store-option.ts';
import { line, span } from '../views/text.ts';
import { plural } from '../views/words.ts';

/** Writes all of a store to a new file, while others go on writing to the store. */
export async function backUp(session: Session, file: string, option: StoreOption): Promise<number> {
  const { context, terminal } = session;
  const content = await told(() => context.backUp(storeOf(session, option), resolve(context.workingDirectory, file)));
  terminal.done('backup', documentOf(file, content), () => [
    line(span(`Backed up ${described(content)} to ${file}.`, 'good')),
    line(`Head: ${content.head}`),
  ]);
  return EXIT.ok.code;
}

/** Writes what is in a backup to an empty store, all of it or nothing. */
export async function restore(session: Session, file: string, option: StoreOption): Promise<number> {
  const { context, terminal } = session;
  const content = await told(() => context.restore(storeOf(session, option), resolve(context.workingDirectory, file)));
  terminal.done('restore', documentOf(file, content), () => [
    line(span(`Restored ${described(content)}, as of ${content.at}. The chain holds.`, 'good')),
    line(`Head: ${content.head}`),
  ]);
  return EXIT.ok.code;
}

function documentOf(file: string, { at, events, head, rows }: BackupContent): { file: string } & BackupContent {
  return { file, at, events, head, rows };
}

function described({ events, rows }: BackupContent): string {
  return `${plural(events, 'event')} and ${plural(rows.services, 'service')}`;
}

async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BackupError) throw new UsageError(error.message);
    if (error instanceof AuditUnavailableError) throw new ApiError('UNAVAILABLE', error.message, { cause: error });
    throw error;
  }
}
