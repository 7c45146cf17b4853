import { openDatabase } from '../store.ts';
import { checkBackup, restoreBackup } from './restore.ts';
import { writeBackup, type BackupContent } from './write.ts';

export type { BackupContent } from './write.ts';

/** Writes all of the store at `place` to a new file. */
export async function backUpStore(place: string, file: string): Promise<BackupContent> {
  const database = await openDatabase(place, { readOnly: true });
  try {
    return await writeBackup(database, file);
  } finally {
    await database.close();
  }
}

/** Writes what is in a backup to the store at `place`, which is created where missing, but only once all of it is sound. */
export async function restoreStore(place: string, file: string): Promise<BackupContent> {
  const content = await checkBackup(file);
  const database = await openDatabase(place);
  try {
    await restoreBackup(file, database);
    return content;
  } finally {
    await database.close();
  }
}
