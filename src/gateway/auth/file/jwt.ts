import { z } from 'zod';
import { formatDuration } from '../../../config/duration.ts';
import { duration, FIRST, list, mapping, text } from '../../../config/fields.ts';
import { refuse } from '../../../config/problems.ts';
import { ALGORITHMS, DEFAULT_ALGORITHMS, DEFAULT_CLOCK_TOLERANCE_MS } from '../config.ts';
import { isTrustworthyUrl } from '../urls.ts';

const AUDIENCE_WANTED = 'what tokens for this gateway have as aud, such as supplant';
const URL_WANTED = 'an https address (http on this machine only)';

const audience = text(AUDIENCE_WANTED, /\S/);

/** The `jwt` of an access file. */
export const jwtSchema = mapping({
  issuer: address(`the issuer's address exactly as in its tokens' iss: ${URL_WANTED}`).describe(
    "The issuer's address, exactly as in its tokens' iss.",
  ),
  audience: z
    .union([audience, list(audience, { list: AUDIENCE_WANTED, empty: AUDIENCE_WANTED })])
    .describe('What tokens for this gateway have as aud: one, or a list of which any will do.'),
  jwks: address(URL_WANTED)
    .optional()
    .describe("Where the issuer's keys are; by OpenID Connect discovery unless told."),
  algorithms: list(z.enum(ALGORITHMS), {
    list: `a list of ${ALGORITHMS.join(', ')}`,
    empty: `at least one of ${ALGORITHMS.join(', ')}`,
  })
    .prefault(DEFAULT_ALGORITHMS)
    .describe('Signatures that are taken.'),
  subject: text('the name of a claim, such as sub or email', /^\S+$/)
    .prefault('sub')
    .describe('The claim that names the caller.'),
  groups: text('the name of a claim, such as groups', /^\S+$/)
    .optional()
    .describe("The claim that lists the caller's groups; group:NAME in a binding."),
  clockTolerance: duration({ least: 0, most: 300_000, words: 'of at most 5m' })
    .prefault(formatDuration(DEFAULT_CLOCK_TOLERANCE_MS))
    .describe("By how much the issuer's clock may differ from ours."),
});

function address(missing: string) {
  return text(URL_WANTED, /^https?:\/\/\S+$/, missing).superRefine((url, context) => {
    // Not shown: an address with a password in it is among those that are refused.
    if (!isTrustworthyUrl(url)) refuse(context, { wanted: URL_WANTED, found: 'another address' });
  }, FIRST);
}
