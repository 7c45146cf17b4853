import {
  FENCE_HELP,
  STATE_VARIABLE,
  describeMissingFence,
  readStateSettings,
} from '../../stacks/pulumi/state/place.ts';
import type { DoctorCheck } from '../check.ts';

/** Where the environment says that the engine's state is: whether that place keeps machines apart. */
export const state: DoctorCheck = {
  name: 'the state',
  concerns: ({ env }) => (env[STATE_VARIABLE] ?? '') !== '',
  async run({ env }) {
    const missing = describeMissingFence(readStateSettings(env).state);
    if (missing === undefined) return [{ state: 'good', text: 'its place keeps machines apart, or is on one machine' }];
    return [{ state: 'unsure', text: missing, todo: FENCE_HELP }];
  },
};
