import type { StackId } from '../../blueprint.ts';
import { EngineError } from '../../driver.ts';
import type { StackState } from './checkpoint.ts';
import type { StateStore } from './state-store.ts';

/** @throws EngineError where there is none */
export async function readState(store: Pick<StateStore, 'read'>, id: StackId): Promise<StackState> {
  const state = await store.read(id);
  if (!state) throw new EngineError(`the state of ${id.stack} is gone`);
  return state;
}
