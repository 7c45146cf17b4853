import { readStateSettings } from '../stacks/pulumi/state/place.ts';
import { UsageError } from './errors.ts';
import type { Session } from './session.ts';
import { type StoreOption, storeOption } from './store-option.ts';

export interface StateOption extends StoreOption {
  state?: string;
}

/**
 * Where workers with the same options and environment have the engine's state, and its secret.
 *
 * @throws UsageError when that is no place that Supplant knows
 */
export function readStateOf(session: Session, options: StateOption): ReturnType<typeof readStateSettings> {
  const store = storeOption(session, options);
  try {
    return readStateSettings(session.context.env, { option: options.state, store });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
