import { existsSync, globSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Debian's libfaketime, where it is installed. */
function library(): string | undefined {
  return globSync('/usr/lib/*/faketime/libfaketime.so.1').find((path) => existsSync(path));
}

/** A clock of an installation's own, which can be set while its processes run. */
export class OwnClock {
  readonly #file: string;
  /** What a process needs to go by it. */
  readonly env: Record<string, string>;

  private constructor(root: string, seenAs: string, preload: string) {
    this.#file = join(root, 'clock');
    this.env = {
      LD_PRELOAD: preload,
      FAKETIME_TIMESTAMP_FILE: join(seenAs, 'clock'),
      FAKETIME_CACHE_DURATION: '1',
      // Nobody can set that one, on a real machine either.
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
    this.set(0);
  }

  /** Undefined where the library is not to be had. @param seenAs what its processes call the folder */
  static in(root: string, seenAs = root): OwnClock | undefined {
    const preload = library();
    return preload === undefined ? undefined : new OwnClock(root, seenAs, preload);
  }

  /** Fast by so many seconds, or slow where that is negative. */
  set(seconds: number): void {
    writeFileSync(this.#file, `${seconds < 0 ? '' : '+'}${seconds}\n`);
  }
}
