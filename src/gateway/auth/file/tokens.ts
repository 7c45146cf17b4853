import { z } from 'zod';
import { ALWAYS, mapping, text } from '../../../config/fields.ts';
import { type Refusal, refuse } from '../../../config/problems.ts';
import { NAME } from '../../../domain/service/service.ts';
import { isToken, TOKEN_HASH } from '../tokens.ts';

export const NAME_WANTED = 'a name of lower-case letters, digits and hyphens, at most 40, such as ci';
const HASH_WANTED = "'sha256:' and 64 hexadecimal digits, as supplant token create prints";
const TIME_WANTED = 'a day or a time with its zone, such as 2027-06-30 or 2027-06-30T12:00:00Z';
const TIME = /^(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/;

const token = mapping({
  name: text(NAME_WANTED, NAME).describe('What bindings call it: token:NAME.'),
  hash: tokenHash().describe('Its hash, as supplant token create prints it. The token itself stands nowhere.'),
  expires: time().optional().describe('From when it is refused: a day, or a time with its zone. Never unless told.'),
});

/** The `tokens` of an access file, each name and each hash once. */
export const tokensSchema = z.array(token, { error: 'a list of tokens' }).superRefine((tokens, context) => {
  const seen = { name: new Set<string>(), hash: new Set<string>() };
  const once = (key: 'name' | 'hash', index: number, value: unknown, words: Refusal): void => {
    if (typeof value !== 'string') return;
    if (seen[key].has(value)) refuse(context, { ...words, path: [index, key] });
    seen[key].add(value);
  };
  const given: unknown = tokens;
  for (const [index, each] of (Array.isArray(given) ? tokens : []).entries()) {
    const { name, hash } = (each as Partial<(typeof tokens)[number]> | null) ?? {};
    once('name', index, name, { wanted: 'a name of its own', found: `'${String(name)}' a second time` });
    once('hash', index, hash, { wanted: 'a token of its own', found: 'the same hash a second time' });
  }
}, ALWAYS);

/** Never shows what stands there: it may be a token. */
function tokenHash(): z.ZodType<string> {
  return z
    .unknown()
    .meta({ type: 'string', pattern: TOKEN_HASH.source })
    .transform((value, context) => {
      if (typeof value === 'string' && TOKEN_HASH.test(value)) return value;
      const isTheToken = typeof value === 'string' && isToken(value);
      const found = isTheToken ? 'the token itself, which should now be replaced' : 'something else';
      refuse(context, { wanted: HASH_WANTED, found: value === undefined ? 'nothing' : found });
      return z.NEVER;
    });
}

function time() {
  return text(TIME_WANTED, TIME).transform((value, context) => {
    const day = TIME.exec(value)?.[1] ?? '';
    // 31 February would become 3 March.
    const exists = dateText(day)?.startsWith(day) === true && dateText(value) !== undefined;
    if (!exists) refuse(context, { wanted: TIME_WANTED });
    return new Date(value);
  });
}

function dateText(text: string): string | undefined {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
