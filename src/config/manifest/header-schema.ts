import { z } from 'zod';
import { ALWAYS, entries, mapping, text } from '../fields.ts';
import { refuse } from '../problems.ts';
import { variable } from '../secret-field.ts';
import { regularExpression } from './pattern-field.ts';

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** What RFC 9110 lets a field value hold, as far as Node sends it. */
const HEADER_VALUE = /^[\x20-\x7e\xa0-\xff]+$/;
/** What says how the request itself is sent. */
const FRAMING = new Set(
  'connection content-length expect keep-alive proxy-connection te trailer transfer-encoding upgrade'.split(' '),
);
const MOST_HEADERS = 50;

/** Headers that a check sends. */
export function sentHeaders() {
  return refusingFraming(headers(headerValue()));
}

/** The same, each value as it is or where a secret is that takes its place. */
export function secretHeaders() {
  return refusingFraming(headers(variable(headerValue())));
}

function headerValue() {
  return text("the header's value, of ISO 8859-1 characters", HEADER_VALUE);
}

function refusingFraming<Value>(schema: z.ZodType<Record<string, Value>>): z.ZodType<Record<string, Value>> {
  return schema.superRefine((sent, context) => {
    for (const name of namesOf(sent).filter((name) => FRAMING.has(name.toLowerCase()))) {
      const wanted = 'headers that do not say how the request is sent';
      refuse(context, { path: [name], wanted, found: `'${name}', which Supplant sets itself` });
    }
  }, ALWAYS);
}

/** Headers that an answer must have. */
export function wantedHeaders() {
  return headers(textMatch());
}

/** Text that must be equal, or `{contains: …}`, or `{matches: …}`. */
function textMatch() {
  const some = mapping({
    equals: text().optional().describe('The whole value.'),
    contains: text().optional().describe('Text that the value must contain.'),
    matches: regularExpression().optional().describe('A regular expression (RE2) that must be found in the value.'),
  }).superRefine((match, context) => {
    const given = Object.keys(match).length;
    if (given === 1) return;
    refuse(context, { wanted: 'one of equals, contains and matches', found: given === 0 ? 'none' : 'several' });
  }, ALWAYS);
  return z.union([text("the header's exact value, or {contains: text} or {matches: a regular expression}"), some]);
}

function headers<Value>(value: z.ZodType<Value>) {
  return entries(value).superRefine((given, context) => {
    const names = namesOf(given);
    if (names.length > MOST_HEADERS) {
      refuse(context, { wanted: `at most ${MOST_HEADERS} headers`, found: String(names.length) });
    }
    const seen = new Set<string>();
    for (const name of names.slice(0, MOST_HEADERS)) {
      const key = name.toLowerCase();
      const refuseName = (wanted: string, found: string): void => refuse(context, { path: [name], wanted, found });
      if (!HEADER_NAME.test(name)) refuseName('a header name, such as content-type', `'${name}'`);
      if (seen.has(key)) refuseName('each header once (case does not matter)', `'${name}' a second time`);
      seen.add(key);
    }
  }, ALWAYS);
}

/** None where it is no mapping, which is a fault of its own. */
function namesOf(given: unknown): string[] {
  return typeof given === 'object' && given !== null && !Array.isArray(given) ? Object.keys(given) : [];
}
