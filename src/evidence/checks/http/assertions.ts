import { isDeepStrictEqual } from 'node:util';
import type { HttpCheck, JsonAssertion, TextMatch } from '../../../domain/evidence/checks.ts';
import type { Json } from '../../../domain/json.ts';
import { writeStatus } from '../../../domain/rollout/status-spans.ts';
import { findJson } from '../json-path.ts';
import type { Redact } from '../outcome.ts';
import { isFound } from '../pattern.ts';
import { quoteShort } from '../quote.ts';
import { type Answer, BODY_LIMIT } from './exchange.ts';

/** Characters of a header or a value in the body that are shown. */
const LONGEST_SHOWN = 200;

/** Everything in which an answer, its time apart, is not what the check asks for. */
export function answerFaults(check: HttpCheck, answer: Answer, redact: Redact): string[] {
  const faults: string[] = [];
  if (!check.status.includes(answer.status)) {
    faults.push(`answered ${answer.status}, wanted ${writeStatus(check.status).join(' or ')}`);
  }
  for (const [name, match] of Object.entries(check.responseHeaders)) {
    faults.push(...headerFault(name, match, answer.headers[name] ?? [], redact));
  }
  return [...faults, ...bodyFaults(check, answer, redact)];
}

/** One value is enough, and so are all of them in one line, as a list is written. */
function headerFault(name: string, match: TextMatch, values: readonly string[], redact: Redact): string[] {
  if (values.some((value) => fits(match, value)) || fits(match, values.join(', '))) return [];
  const found = values.length === 0 ? 'nothing' : shorten(redact(values.join(' and ')));
  return [`sent ${name}: ${found}, wanted ${matchWords(match)}`];
}

function fits(match: TextMatch, value: string): boolean {
  if ('equals' in match) return value === match.equals;
  return 'contains' in match ? value.includes(match.contains) : isFound(match.matches, value);
}

function matchWords(match: TextMatch): string {
  if ('equals' in match) return match.equals;
  return 'contains' in match ? `something with ${match.contains}` : `something that matches ${match.matches}`;
}

function bodyFaults(
  { bodyContains, bodyMatches, json = [] }: HttpCheck,
  { body, cut }: Answer,
  redact: Redact,
): string[] {
  if (bodyContains === undefined && bodyMatches === undefined && json.length === 0) return [];
  const faults: string[] = [];
  const where = cut ? ` in its first ${BODY_LIMIT / 1024} KiB` : '';
  const text = body.toString('utf8');
  if (bodyContains !== undefined && !text.includes(bodyContains)) {
    faults.push(`sent a body without ${quoteShort(redact(bodyContains), LONGEST_SHOWN)}${where}`);
  }
  if (bodyMatches !== undefined && !isFound(bodyMatches, text)) {
    faults.push(`sent a body that does not match ${shorten(redact(bodyMatches))}${where}`);
  }
  if (json.length === 0) return faults;
  const parsed = cut ? undefined : parseJson(text);
  if (parsed === undefined) return [...faults, cut ? `sent more than ${BODY_LIMIT / 1024} KiB` : 'sent no JSON'];
  return [...faults, ...json.flatMap((assertion) => jsonFault(assertion, parsed.value, redact))];
}

function jsonFault(assertion: JsonAssertion, value: Json, redact: Redact): string[] {
  const { path, equals, matches } = assertion;
  const result = findJson(path, value);
  if ('fault' in result) return [`sent JSON in which ${path} cannot be followed: ${result.fault}`];
  if (result.found.length === 0) return [`sent JSON without ${path}`];
  const wrong = result.found.find((found) => !isAsWanted(assertion, found));
  if (wrong === undefined) return [];
  const wanted = matches === undefined ? JSON.stringify(equals) : `something that matches ${matches}`;
  return [`sent JSON with ${shorten(redact(JSON.stringify(wrong)))} at ${path}, wanted ${shorten(redact(wanted))}`];
}

function isAsWanted({ equals, matches }: JsonAssertion, found: Json): boolean {
  if (equals !== undefined) return isDeepStrictEqual(found, equals);
  if (matches === undefined) return true;
  return typeof found === 'object' ? false : isFound(matches, String(found));
}

function parseJson(text: string): { value: Json } | undefined {
  try {
    return { value: JSON.parse(text) as Json };
  } catch {
    return undefined;
  }
}

function shorten(text: string): string {
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}
