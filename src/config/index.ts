/**
 * `supplant/schema`: what a blueprint says with what its config may be. Everybody has the same copy of zod, so that a
 * schema of the one is known to the other.
 */
export {
  ALWAYS,
  duration,
  type DurationLimits,
  entries,
  FIRST,
  list,
  type ListWords,
  mapping,
  text,
  wholeNumber,
} from './fields.ts';
export { type Refusal, refuse } from './problems.ts';
export { type SecretField, variable } from './secret-field.ts';
export { z } from 'zod';
