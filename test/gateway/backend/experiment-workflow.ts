import { condition, defineQuery, defineSignal, setHandler } from '@temporalio/workflow';
import type { RunStatus } from '../../../src/domain/experiment/run.ts';

/** Ends it. */
export const endSignal = defineSignal('end');
/** What it says it is like from then on. */
export const tellSignal = defineSignal<[RunStatus]>('tell');
/** How often it was told that something on its record has changed. */
export const toldQuery = defineQuery<number>('told');

/** Stands for the workflow of a run: it does nothing, and remembers what it was told. */
export async function experiment(): Promise<void> {
  let told = 0;
  let isOver = false;
  let status: RunStatus | undefined;
  setHandler(defineSignal('runChanged'), () => void (told += 1));
  setHandler(endSignal, () => void (isOver = true));
  setHandler(tellSignal, (next) => void (status = next));
  setHandler(toldQuery, () => told);
  setHandler(defineQuery<RunStatus | undefined>('status'), () => status);
  await condition(() => isOver);
}
