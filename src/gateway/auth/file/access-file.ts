import { readFileSync } from 'node:fs';
import type { AccessConfig } from '../config.ts';
import { loadAccess } from './load.ts';

/** An access file, and the files it names, as they were read last. */
export class AccessFile {
  readonly path: string;
  #texts = new Map<string, string | undefined>();

  constructor(path: string) {
    this.path = path;
  }

  /** @throws {AccessConfigError} with all that is wrong with it */
  load(): AccessConfig {
    const texts = new Map<string, string | undefined>();
    this.#texts = texts;
    return loadAccess(this.path, (path) => {
      const text = attempt(path);
      texts.set(path, text);
      // Once more, for its error.
      return text ?? readFileSync(path, 'utf8');
    });
  }

  /** Whether any of the files reads otherwise than when it was loaded last, or can be read now and could not be then. */
  get changed(): boolean {
    return [...this.#texts].some(([path, text]) => attempt(path) !== text);
  }
}

/** By their text: times and inodes tell less, for instance where a volume's link is moved to another folder. */
function attempt(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
