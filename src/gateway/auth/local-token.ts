import { readFileSync } from 'node:fs';
import { makeDurably } from '../../host/durable-file.ts';
import { AccessConfigError } from './file/error.ts';
import type { LocalToken } from './local.ts';
import { isToken, generateToken } from './tokens.ts';

/**
 * The token of a data folder, in a file that its owner alone may read; made where there is none yet. Of several who make it
 * at once all get the same one.
 *
 * @throws {AccessConfigError} when the file cannot be read, or something else is in it
 */
export async function obtainLocalToken(file: string): Promise<LocalToken> {
  await makeDurably(file, `${generateToken()}\n`);
  const token = textOf(file).trim();
  if (isToken(token)) return { token, file };
  throw new AccessConfigError(`${file} holds no token; remove it, and it is made anew`);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code = String(cause) } = cause as NodeJS.ErrnoException;
    throw new AccessConfigError(`the token's file ${file} cannot be read (${code})`, { cause });
  }
}
