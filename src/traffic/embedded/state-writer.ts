import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

/** What {@link StateFile} starts this thread with. */
export interface WriterTask {
  path: string;
  folder: string;
}

/** Undefined once the content is on disk, else why it is not. */
export type Written = string | undefined;

const { path, folder } = workerData as WriterTask;
const folderHandle = openSync(folder, 'r');

parentPort?.on('message', (content: string) => {
  parentPort?.postMessage(attempt(content));
});

function attempt(content: string): Written {
  try {
    replaceDurably(content);
    return undefined;
  } catch (error) {
    return `${path} cannot be written: ${(error as Error).message}`;
  }
}

/** Afterwards the content survives a power cut; before, the last one does. */
function replaceDurably(content: string): void {
  const temporaryPath = `${path}.tmp`;
  const file = openSync(temporaryPath, 'w', 0o600);
  try {
    writeSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporaryPath, path);
  // A new name is durable only once its folder is.
  fsyncSync(folderHandle);
}
