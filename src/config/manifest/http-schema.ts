import { z } from 'zod';
import { HTTP_METHODS } from '../../domain/evidence/checks.ts';
import { ALWAYS, duration, lines, mapping, text } from '../fields.ts';
import { json } from '../json-field.ts';
import { refuse } from '../problems.ts';
import { sentHeaders, wantedHeaders } from './header-schema.ts';
import { jsonPath, regularExpression } from './pattern-field.ts';
import { statusCodes } from './status-codes.ts';

const PATH = /^\/[^\s#]*$/;
const SERVER_NAME = /^[A-Za-z0-9._-]{1,253}$/;
const HOUR = 3_600_000;
const MOST_ASSERTIONS = 50;
/** Kubernetes and Consul send what they call headers; elsewhere the word means those of the answer. */
const INSTEAD = { headers: 'requestHeaders (what is sent) or responseHeaders (what the answer must have)' };

const tls = z
  .union([
    z.boolean({ error: 'true, false, or a mapping such as {insecure: true}' }),
    mapping({
      insecure: z.boolean().optional().describe('Takes any certificate.'),
      serverName: text('the name in the certificate, such as shop.example', SERVER_NAME)
        .optional()
        .describe("The name that is asked for and that the certificate must be for; the Host header's unless told."),
    }),
  ])
  .describe('Speaks TLS to the process: true, or a mapping.')
  .meta({ default: false, $comment: 'true, false or a mapping' });

const assertion = mapping({
  path: jsonPath().describe('A JSONPath (RFC 9535). It must find something, and all that it finds counts.'),
  equals: json().optional().describe('What each must be equal to.'),
  matches: regularExpression()
    .optional()
    .describe('A regular expression (RE2) that must be found in each, which is text.'),
}).superRefine((given, context) => {
  if (given.equals === undefined || given.matches === undefined) return;
  refuse(context, { path: ['matches'], wanted: 'either equals or matches', found: 'both' });
}, ALWAYS);

/** The `http` of a check. What a body has to be is checked as far as it can be before there is one. */
export const httpSchema = mapping(
  {
    path: text('a path that begins with /, without spaces and #', PATH)
      .prefault('/')
      .describe('What is asked for, with a query if need be.'),
    method: z.enum(HTTP_METHODS).optional().describe('The method.').meta({ default: 'GET' }),
    requestHeaders: sentHeaders().optional().describe('Headers that are sent as they are, Host too.'),
    requestBody: lines().optional().describe('The body that is sent; needs a method that sends one.'),
    tls: tls.optional(),
    follow: z
      .boolean()
      .prefault(false)
      .describe(
        'Follows up to ten redirects, as long as they lead to the same process under its address or its Host. A redirect is an answer unless told.',
      ),
    status: statusCodes()
      .prefault(['200-208', '300-308'])
      .describe('Status codes that are accepted: codes and spans such as 200-299, one or a list.'),
    responseHeaders: wantedHeaders()
      .prefault({})
      .describe('Headers that the answer must have. Where it has one several times, one value is enough.'),
    bodyContains: lines().optional().describe('Text that the body must contain.'),
    bodyMatches: regularExpression().optional().describe('A regular expression (RE2) that must be found in the body.'),
    json: z
      .array(assertion, { error: 'a list such as [{path: $.status, equals: ok}]' })
      .max(MOST_ASSERTIONS, { error: `at most ${MOST_ASSERTIONS} assertions` })
      .optional()
      .describe('What a JSON body must have.'),
    maxLatency: duration({ least: 1, most: HOUR, words: 'from 1ms up to the timeout' })
      .optional()
      .describe('The slowest accepted answer, body and redirects included. No limit but the timeout unless told.'),
  },
  INSTEAD,
).superRefine((given, context) => {
  const { method, requestBody, bodyContains, bodyMatches, json: assertions } = given;
  if (requestBody !== undefined && (method === undefined || method === 'GET' || method === 'HEAD')) {
    const found = method ?? 'method: GET';
    refuse(context, { path: ['requestBody'], wanted: 'a method that sends a body, such as method: POST', found });
  }
  const body =
    bodyContains !== undefined ? 'bodyContains' : bodyMatches !== undefined ? 'bodyMatches' : assertions && 'json';
  if (body !== undefined && method === 'HEAD') {
    const wanted = 'a method that is answered with a body, such as GET';
    refuse(context, { path: [body], wanted, found: 'method: HEAD' });
  }
}, ALWAYS);

export type HttpFields = z.output<typeof httpSchema>;
