import type { z } from 'zod';
import { jsonPathFault } from '../../evidence/checks/json-path.ts';
import { readPattern } from '../../evidence/checks/pattern.ts';
import { FIRST, lines, text } from '../fields.ts';
import { refuse } from '../problems.ts';

/** A regular expression in RE2's syntax. */
export function regularExpression(): z.ZodType<string> {
  return lines('a regular expression, such as ^ok').superRefine((value, context) => {
    const read = readPattern(value);
    if ('fault' in read)
      refuse(context, { wanted: "a regular expression in RE2's syntax, such as ^ok", found: read.fault });
  }, FIRST);
}

export function jsonPath(): z.ZodType<string> {
  const wanted = 'a JSONPath (RFC 9535), such as $.status';
  return text(wanted).superRefine((value, context) => {
    const found = jsonPathFault(value);
    if (found !== undefined) refuse(context, { wanted, found });
  }, FIRST);
}
