import { ApiError } from '../contract/supplant-client.ts';
import type { Parsed } from '../contract/names.ts';

const LONGEST_SHOWN = 60;

/** Collects everything that is wrong with a request, so that it is told at once. */
export class Faults {
  readonly #all: { path: string; message: string }[] = [];

  add(path: string, message: string): void {
    this.#all.push({ path, message });
  }

  expected(path: string, wanted: string, found: string): void {
    this.add(path, `expected ${wanted}, found ${shown(found)}`);
  }

  /** The value of what was parsed; undefined and a fault where that failed. */
  take<T>(path: string, text: string, parsed: Parsed<T>): T | undefined {
    if (parsed.ok) return parsed.value;
    this.expected(path, parsed.wanted, text);
    return undefined;
  }

  /**
   * What was read, once there is nothing wrong.
   *
   * @throws ApiError INVALID with all faults
   */
  settle<T>(value: T): NonNullable<T> {
    if (this.#all.length === 0 && value !== undefined && value !== null) return value;
    const [first, ...others] = this.#all;
    const message = first ? `${first.path}: ${first.message}` : 'the request cannot be read';
    throw new ApiError('INVALID', others.length === 0 ? message : `${message}; and ${others.length} more`, {
      faults: this.#all,
    });
  }
}

/** What stands there, for people: cut, and on one line. */
function shown(text: string): string {
  if (text === '') return 'nothing';
  // eslint-disable-next-line no-control-regex
  const line = text.replaceAll(/[\s\u0000-\u001f\u007f]+/g, ' ');
  return `'${line.length > LONGEST_SHOWN ? `${line.slice(0, LONGEST_SHOWN - 3)}...` : line}'`;
}
