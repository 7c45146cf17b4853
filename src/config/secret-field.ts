import { z } from 'zod';
import { REFERENCE, REFERENCE_WANTED } from '../domain/secrets/reference.ts';
import { mapping, text } from './fields.ts';

/** Where a secret is, in place of what it is. */
export interface SecretField {
  secret: string;
}

/**
 * A value that may be a secret: as it is, or `{ secret: … }`, which the blueprint has read at the last moment.
 * @param plain what it may be as it is
 */
export function variable(plain: z.ZodType<string>): z.ZodType<string | SecretField> {
  const reference = mapping({
    secret: text(REFERENCE_WANTED, REFERENCE).describe('Where the secret is, in place of what it is.'),
  });
  return z.union([plain, reference]).meta({ $comment: 'text, or a mapping: secret' });
}
