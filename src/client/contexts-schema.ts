import { z } from 'zod';
import { describeValue, type Fault } from '../config/fault.ts';
import { ALWAYS, entries, FIRST, mapping, text } from '../config/fields.ts';
import { refuse } from '../config/problems.ts';
import { readYaml } from '../config/yaml/read.ts';
import { readServer, SERVER_WANTED } from './server-address.ts';

/** Never shows what stands there. */
const secret = z
  .unknown()
  .meta({ type: 'string', minLength: 1 })
  .transform((value, at) => {
    if (typeof value === 'string' && value !== '') return value;
    refuse(at, { wanted: 'text', found: value === '' || value === null ? 'nothing' : 'something else' });
    return z.NEVER;
  });

const context = mapping({
  server: text(SERVER_WANTED)
    .superRefine((value, at) => {
      if (readServer(value).fault !== undefined) refuse(at, { wanted: SERVER_WANTED });
    }, FIRST)
    .describe('The gateway: HOST:PORT, or https://HOST:PORT with an authority the system trusts.'),
  token: secret.optional().describe('What to prove oneself by.'),
  tokenFile: text('a path').optional().describe('A file with the token, relative to this file.'),
  ca: text('a path').optional().describe("The gateway's certificate authority, where that is one of its own."),
  cert: text('a path').optional().describe("The caller's certificate, for a gateway that asks for one."),
  key: text('a path').optional().describe("The certificate's key."),
}).superRefine(({ server, token, tokenFile, ca, cert, key }, at) => {
  if (ca !== undefined && typeof server === 'string' && /^http:/i.test(server)) {
    refuse(at, { path: ['server'], wanted: 'https, or no ca, which is for TLS', found: describeValue(server) });
  }
  if (token !== undefined && tokenFile !== undefined) {
    refuse(at, { wanted: 'either token or tokenFile', found: 'both' });
  }
  if ((cert === undefined) !== (key === undefined)) {
    refuse(at, { wanted: 'cert and key together', found: cert === undefined ? 'key alone' : 'cert alone' });
  }
}, ALWAYS);

/** `contexts.yaml`: the one description of what it may say. */
export const contextsSchema = mapping({
  current: text('the name of a context').optional().describe('The context that is used where nothing else says which.'),
  contexts: entries(context).nullish().describe('Gateways, by names of your own.'),
}).superRefine(({ current, contexts }, at) => {
  const names = typeof contexts === 'object' && contexts !== null ? Object.keys(contexts) : [];
  if (typeof current !== 'string' || names.includes(current)) return;
  const wanted = names.length === 0 ? 'no current, as there is no context' : `one of the contexts ${names.join(', ')}`;
  refuse(at, { path: ['current'], wanted, found: describeValue(current) });
}, ALWAYS);

/** Reads a contexts file; paths in it are as written. Never throws. */
export function parseContexts(
  text: string,
): { ok: true; value: z.output<typeof contextsSchema> } | { ok: false; faults: Fault[] } {
  return readYaml(text, contextsSchema);
}
