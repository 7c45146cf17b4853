import { collectSecrets, createRedactor, type Secret } from '../domain/evidence/redaction.ts';
import type { JsonObject } from '../domain/json.ts';
import { findSecretReferences, parseSecretReference } from '../domain/secrets/reference.ts';
import { openSource } from './sources.ts';

/** A secret that cannot be had. The message is fit to show. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
}

/** For a service that does not answer. */
const READ_MS = 30_000;

/** What this process has read, by reference: what was quoted of a program that was given an older value is covered, too. */
const known = new Map<string, Set<string>>();

/**
 * The value that a reference stands for, as it is now.
 * @param reference as written in a config: `env:DB_PASSWORD`
 * @throws SecretError
 */
export async function readSecret(reference: string, signal?: AbortSignal): Promise<string> {
  const parsed = parseSecretReference(reference);
  if (!parsed) throw new SecretError(`${reference} is no reference to a secret`);
  const { source, name, field } = parsed;
  const limit = AbortSignal.timeout(READ_MS);
  try {
    const whole = await (await openSource(source)).read(name, signal ? AbortSignal.any([signal, limit]) : limit);
    const value = field === undefined ? whole : pickField(whole, field);
    known.set(reference, (known.get(reference) ?? new Set()).add(value));
    return value;
  } catch (error) {
    const why = limit.aborted ? `no answer within ${READ_MS / 1000} s` : (error as Error).message;
    throw new SecretError(`the secret ${reference} cannot be read: ${why}`, { cause: error });
  }
}

/** What keeps a secret from being read, as far as that can be seen without asking a service. */
export async function checkSecret(reference: string): Promise<string | undefined> {
  const parsed = parseSecretReference(reference);
  return parsed && (await openSource(parsed.source)).check?.(parsed.name);
}

/**
 * Takes out of a text, before it is cut, every value that a config hands to a stack: those of `env` and `passEnv`, and
 * those that its references stand for. Where one of these cannot be read here, no text is let through.
 */
export async function createConfigRedactor(
  config: JsonObject,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<(text: string) => string> {
  const plain = collectSecrets(config, environment);
  try {
    const referred = await Promise.all(
      findSecretReferences(config).map(async ({ path, reference }): Promise<Secret[]> => {
        const name = path.at(-1) ?? 'secret';
        return (await valuesOf(reference)).map((value) => ({ name, value }));
      }),
    );
    return createRedactor([...plain, ...referred.flat()]);
  } catch (error) {
    if (!(error instanceof SecretError)) throw error;
    return () => `[nothing is quoted, since it might hold what cannot be recognised: ${error.message}]`;
  }
}

async function valuesOf(reference: string): Promise<string[]> {
  // Anew each time: what a process was given a moment ago may be newer than what is known here.
  await readSecret(reference);
  return [...(known.get(reference) ?? [])];
}

function pickField(text: string, field: string): string {
  let whole: unknown;
  try {
    whole = JSON.parse(text);
  } catch {
    throw new Error(`it has no field ${field}, since it is not JSON`);
  }
  const value = typeof whole === 'object' && whole !== null ? (whole as JsonObject)[field] : undefined;
  if (typeof value === 'string' && value !== '') return value;
  if (typeof value === 'number') return String(value);
  throw new Error(`it has no field ${field} with text or a number in it`);
}
