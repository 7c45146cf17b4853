import { readFile } from 'node:fs/promises';
import type { SecretSource } from '../source.ts';

/** Files on the worker's machine, as orchestrators mount them. A line break at the end is an editor's, not the secret's. */
export const file: SecretSource = {
  async check(path) {
    return read(path).then(
      () => undefined,
      (error: unknown) => (error as Error).message,
    );
  },
  read,
};

async function read(path: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new Error(`${path} ${WHY[code] ?? `cannot be read (${code})`}`, { cause: error });
  }
  const value = text.replace(/\r?\n$/, '');
  if (value === '') throw new Error(`${path} is empty`);
  return value;
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: "does not exist on the worker's host",
  EACCES: "cannot be read by the worker's user",
  EISDIR: 'is a folder',
};
