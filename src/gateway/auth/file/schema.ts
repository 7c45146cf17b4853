import type { z } from 'zod';
import { describeValue } from '../../../config/fault.ts';
import { ALWAYS, constant, mapping } from '../../../config/fields.ts';
import { refuse } from '../../../config/problems.ts';
import { NAME } from '../../../domain/service/service.ts';
import { bindingsSchema, servicePatterns, findSubjectFault, type Ways } from './bindings.ts';
import { certificatesSchema, type ReadFile } from './certificates.ts';
import { jwtSchema } from './jwt.ts';
import { tokensSchema } from './tokens.ts';

export const API_VERSION = 'supplant.dev/v1';
export const KIND = 'Access';

/**
 * `access.yaml`: the one description of what it may say.
 *
 * @param readFile gives the text of a file that is named in it, or throws
 */
export function accessSchema(readFile: ReadFile) {
  return mapping({
    apiVersion: constant('apiVersion', API_VERSION).describe('The version of this format.'),
    kind: constant('kind', KIND).describe('What the file describes.'),
    tokens: tokensSchema.optional().describe('Bearer tokens, for programs.'),
    jwt: jwtSchema.optional().describe('The issuer whose JWTs are taken.'),
    certificates: certificatesSchema(readFile).optional().describe("Clients' certificates."),
    bindings: bindingsSchema.describe('Who may do what.'),
    separateApprover: servicePatterns()
      .optional()
      .describe('Services where whoever asked for a rollout may not approve it.'),
  }).superRefine((given, context) => {
    const { tokens, jwt, certificates, bindings } = given;
    if (tokens === undefined && jwt === undefined && certificates === undefined) {
      refuse(context, { wanted: 'a way to tell callers: tokens, jwt or certificates', found: 'none of them' });
    }
    const ways: Ways = {
      tokens: listed<{ name?: unknown }>(tokens).flatMap(({ name }) =>
        typeof name === 'string' && NAME.test(name) ? name : [],
      ),
      jwt: jwt !== undefined,
      groups: typeof jwt?.groups === 'string',
      certificates: certificates !== undefined,
    };
    for (const [index, binding] of listed<{ subjects?: unknown }>(bindings).entries()) {
      for (const [at, subject] of listed<unknown>(binding.subjects).entries()) {
        const fault = typeof subject === 'string' ? findSubjectFault(subject, ways) : undefined;
        if (!fault) continue;
        refuse(context, { path: ['bindings', index, 'subjects', at], found: describeValue(subject), ...fault });
      }
    }
  }, ALWAYS);
}

export type AccessFields = z.output<ReturnType<typeof accessSchema>>;

/** Of what may be no list, and hold what is no mapping. */
function listed<Item>(value: unknown): Item[] {
  if (!Array.isArray(value)) return [];
  return value.map((item: Item | null) => item ?? ({} as Item));
}
