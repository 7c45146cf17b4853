import type { Json, JsonObject } from '../json.ts';

/** Where secrets are kept. One member for each source there is: `src/secrets/sources.ts` has what reads it. */
export const SECRET_SOURCES = ['env', 'file', 'aws-secrets-manager', 'aws-ssm'] as const;
export type SecretSourceName = (typeof SECRET_SOURCES)[number];

/** Where a secret is, in place of what it is: `{ secret: 'file:/run/secrets/db' }`. */
export interface SecretReference {
  source: SecretSourceName;
  /** A variable, an absolute path, or what the service calls it. */
  name: string;
  /** The field to take, where what is kept is a JSON object. */
  field?: string;
}

/** A reference as it is written, in words and with an example. */
export const REFERENCE_WANTED =
  'where the secret is: env:NAME, file:/PATH, aws-secrets-manager:NAME or aws-ssm:NAME, and #FIELD of a JSON object after it';
export const REFERENCE =
  /^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:\/[^#]+|aws-(?:secrets-manager|ssm):[^\s#]+)(?:#[^\s#]+)?$/;

/** Undefined for a text that is none. */
export function parseSecretReference(text: string): SecretReference | undefined {
  if (!REFERENCE.test(text)) return undefined;
  const colon = text.indexOf(':');
  const source = text.slice(0, colon) as SecretSourceName;
  const [name = '', field] = text.slice(colon + 1).split('#');
  return { source, name, ...(field === undefined ? {} : { field }) };
}

/** A reference in a blueprint's config. */
export interface PlacedReference {
  /** From the config: `['env', 'DB_PASSWORD']`. */
  path: string[];
  /** As it is written. */
  reference: string;
}

/** Whether it stands for a secret, and for nothing else. */
export function isReference(value: object): value is { secret: string } {
  const { secret } = value as { secret?: unknown };
  return typeof secret === 'string' && Object.keys(value).length === 1 && REFERENCE.test(secret);
}

/** Every `{ secret: … }` of a config, wherever it stands. */
export function findSecretReferences(config: JsonObject): PlacedReference[] {
  const found: PlacedReference[] = [];
  const look = (value: Json, path: string[]): void => {
    if (typeof value !== 'object' || value === null) return;
    if (isReference(value)) {
      found.push({ path, reference: value.secret });
      return;
    }
    for (const [key, part] of Object.entries(value)) look(part, [...path, key]);
  };
  look(config, []);
  return found;
}
