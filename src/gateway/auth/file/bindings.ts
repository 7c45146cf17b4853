import { z } from 'zod';
import { ALWAYS, list, mapping, text } from '../../../config/fields.ts';
import { describeValue } from '../../../config/fault.ts';
import { nearest } from '../../../config/nearest.ts';
import { refuse } from '../../../config/problems.ts';
import { ACCESS_TABLE, ACCESS_VERBS, ROLES } from '../../../domain/access.ts';

/** A name and an environment, each with `*` for any characters. */
export const SERVICE_PATTERN = /^[a-z0-9*-]{1,80}\/[a-z0-9*-]{1,80}$/;
export const SERVICE_PATTERN_WANTED =
  "a name and an environment, with * for any characters, such as 'web/*' or '*/production'";
const SUBJECT = /^(?:\*|(?:token|jwt|group|certificate):.{1,256})$/;
const SUBJECT_WANTED = "token:NAME, jwt:NAME, group:NAME, certificate:NAME (with * for any characters), or '*'";

/** A list of patterns of services. */
export function servicePatterns() {
  return listOf(text(SERVICE_PATTERN_WANTED, SERVICE_PATTERN), SERVICE_PATTERN_WANTED);
}

const binding = mapping({
  subjects: listOf(text(SUBJECT_WANTED, SUBJECT), SUBJECT_WANTED).describe(
    "Whom it is for: token:NAME, jwt:NAME, group:NAME, certificate:NAME, or '*' for everybody; * stands for any characters.",
  ),
  role: z.enum(ROLES).describe('What they may do.'),
  services: servicePatterns().describe("Where: patterns of services, such as 'web/*' or '*/production'."),
  verbs: listOf(z.enum(ACCESS_VERBS), `some of ${ACCESS_VERBS.join(', ')}`)
    .optional()
    .describe("Only some of the role's verbs. All of them unless told."),
}).superRefine(({ role, verbs }, context) => {
  const allowed = ACCESS_VERBS.filter((verb) => ACCESS_TABLE[verb].includes(role));
  if (allowed.length === 0 || !Array.isArray(verbs)) return;
  for (const [index, verb] of verbs.entries()) {
    if (!ACCESS_VERBS.includes(verb) || allowed.includes(verb)) continue;
    refuse(context, { path: ['verbs', index], wanted: `one of ${allowed.join(', ')}`, found: describeValue(verb) });
  }
}, ALWAYS);

/** The `bindings` of an access file. */
export const bindingsSchema = list(binding, {
  list: 'a list of bindings',
  empty: 'at least one binding; without one nobody may do anything',
  missing: 'bindings: who may do what; without one nobody may do anything',
});

/** How callers are told, as far as bindings speak of them. */
export interface Ways {
  tokens: readonly string[];
  jwt: boolean;
  groups: boolean;
  certificates: boolean;
}

/** Why a subject means nobody; undefined where somebody may be meant. */
export function findSubjectFault(subject: string, ways: Ways): { wanted: string; meant?: string } | undefined {
  if (!SUBJECT.test(subject)) return undefined;
  const [kind, name = ''] = subject.split(/:(.*)/s);
  if (kind === 'token' && !name.includes('*') && !ways.tokens.includes(name)) {
    const near = nearest(name, ways.tokens)[0];
    return { wanted: 'the name of one of the tokens above', ...(near === undefined ? {} : { meant: `token:${near}` }) };
  }
  if (kind === 'jwt' && !ways.jwt) return { wanted: 'jwt to be configured for this' };
  if (kind === 'group' && !ways.groups) return { wanted: 'jwt.groups to be configured for this' };
  if (kind === 'certificate' && !ways.certificates) return { wanted: 'certificates to be configured for this' };
  return undefined;
}

function listOf<Item extends z.ZodType>(item: Item, wanted: string) {
  return list(item, { list: `a list of ${wanted}`, empty: wanted });
}
