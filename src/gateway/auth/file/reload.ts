import type { AccessConfig } from '../config.ts';
import type { AccessFile } from './access-file.ts';

/** How soon a changed file is noticed, in milliseconds; SIGHUP is faster. */
const LOOK_MS = 1000;

export interface ReloadOptions {
  /** Takes the new rules, whole. @throws {AccessConfigError} when they cannot be had without a restart */
  take: (config: AccessConfig) => void;
  log: (level: 'info' | 'error', message: string) => void;
}

/**
 * Has the rules of an access file follow the file: looks once a second, and at once on SIGHUP. A file that is not right
 * changes nothing: the rules from before hold on, and the log says why.
 */
export class AccessReload implements Disposable {
  readonly #file: AccessFile;
  readonly #options: ReloadOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #onHangUp = (): void => this.#load();

  constructor(file: AccessFile, options: ReloadOptions) {
    this.#file = file;
    this.#options = options;
    this.#timer = setInterval(() => {
      if (file.changed) this.#load();
    }, LOOK_MS).unref();
    process.on('SIGHUP', this.#onHangUp);
  }

  #load(): void {
    const { take, log } = this.#options;
    try {
      take(this.#file.load());
      log('info', `the rules of ${this.#file.path} as it reads now hold from here on`);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log('error', `the rules from before hold on; what ${this.#file.path} says now cannot be taken: ${why}`);
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    process.off('SIGHUP', this.#onHangUp);
  }
}
