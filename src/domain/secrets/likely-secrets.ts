import type { Json, JsonObject } from '../json.ts';
import { isReference } from './reference.ts';

/** A value that stands in the open and looks as if it should not. */
export interface LikelySecret {
  /** From the config: `['env', 'DB_PASSWORD']`. */
  path: string[];
  /** What it looks like, without quoting it: `an AWS access key`. */
  looksLike: string;
}

/** Forms that the issuers of tokens have made to be recognised. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/, 'an AWS access key'],
  [/\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{22,})/, 'a GitHub token'],
  [/\bglpat-[\w-]{20,}/, 'a GitLab token'],
  [/\b[sr]k_(?:live|test)_[A-Za-z0-9]{10,}/, 'a Stripe key'],
  [/\bxox[abeoprs]-[A-Za-z0-9-]{10,}/, 'a Slack token'],
  [/\bsk-(?:ant-|proj-)?[\w-]{32,}/, 'an API key'],
  [/\bAIza[\w-]{35}\b/, 'a Google API key'],
  [/\bnpm_[A-Za-z0-9]{36}\b/, 'an npm token'],
  [/\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+/, 'a JSON web token'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, 'a private key'],
  [/^[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:[^\s/@{}$]{6,}@/i, 'an address with a password in it'],
];

const TELLING_NAME =
  /(?:PASS(?:WORD|WD|PHRASE)?|SECRET|TOKEN|CREDENTIALS?|(?:API|ACCESS|PRIVATE|SIGNING|ENCRYPTION)_?KEY)$/i;
/** A name may end like this for a place or a setting, too: what is short, or hardly random, is none. */
const SHORTEST = 8;
/** Bits a character, by Shannon: words have some 2.5 to 3, and generated passwords of 16 characters some 3.5 or more. */
const RANDOM_BITS = 3;
/** What stands in for something else, or says where it is. */
const NO_SECRET = /^(?:\/|\.{0,2}\/|https?:\/\/[^@]*$|[${<{]|true$|false$|changeme|example|none$)/i;

/** Texts of a config that look like secrets. It is a guess, to be warned of: nothing is refused by it. */
export function findLikelySecrets(config: JsonObject): LikelySecret[] {
  const found: LikelySecret[] = [];
  const look = (value: Json, path: string[]): void => {
    if (typeof value === 'string') {
      const looksLike = describe(path.at(-1) ?? '', value);
      if (looksLike !== undefined) found.push({ path, looksLike });
    } else if (typeof value === 'object' && value !== null && !isReference(value)) {
      for (const [key, part] of Object.entries(value)) look(part, [...path, key]);
    }
  };
  look(config, []);
  return found;
}

function describe(name: string, value: string): string | undefined {
  const form = FORMS.find(([pattern]) => pattern.test(value));
  if (form) return form[1];
  if (!TELLING_NAME.test(name) || value.length < SHORTEST || NO_SECRET.test(value)) return undefined;
  return measureEntropy(value) >= RANDOM_BITS ? 'a secret, by its name' : undefined;
}

/** Shannon's, of its characters, in bits a character. */
function measureEntropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  const found = [...counts.values()];
  const length = found.reduce((sum, count) => sum + count, 0);
  return found.reduce((sum, count) => sum - (count / length) * Math.log2(count / length), 0);
}
