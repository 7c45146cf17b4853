import { parentPort, workerData } from 'node:worker_threads';
import { keepCompiledCode } from '../../src/host/program-cache.ts';
import type { ThreadData } from '../../src/host/program-thread.ts';
import { CopyProgress } from './copy-progress.ts';
import { copyAndDigest } from './folder-copy.ts';
import { FolderFaults } from './folder-entries.ts';
import type { FolderAnswer, FolderInput } from './folder-work.ts';

/** Copies one folder, so that a large one holds up nothing else, and can be given up at any moment. */
const { task, counts } = (workerData as ThreadData<FolderInput>).input;

function carryOut(): FolderAnswer {
  try {
    return { sha256: copyAndDigest(task.folder, task.to, new CopyProgress(counts)) };
  } catch (error) {
    if (error instanceof FolderFaults) return { faults: error.faults };
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.postMessage(carryOut());
keepCompiledCode();
