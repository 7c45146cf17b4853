import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-utf8'];

export interface KeyPair {
  cert: string;
  key: string;
}

/** A certificate authority in a folder of its own, by openssl. */
export class Authority {
  readonly folder: string;
  #signed = 0;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(name = 'Test authority'): Promise<Authority> {
    const authority = new Authority(await mkdtemp(join(tmpdir(), 'supplant-authority-')));
    const into = ['-keyout', authority.#at('ca.key'), '-out', authority.file, '-subj', `/CN=${name}`];
    await run('openssl', ['req', '-x509', ...NEW_KEY, ...into, '-addext', 'basicConstraints=critical,CA:TRUE']);
    return authority;
  }

  /** Its own certificate. */
  get file(): string {
    return this.#at('ca.pem');
  }

  /** A certificate for `subject` (`/CN=ci`) signed here; one that ended yesterday where `days` is -1. */
  async sign(subject: string, extensions: string[] = [], days = 1): Promise<KeyPair> {
    this.#signed += 1;
    const at = (kind: string): string => this.#at(`leaf-${this.#signed}.${kind}`);
    const [csr, key, cert, extra] = [at('csr'), at('key'), at('pem'), at('ext')];
    await writeFile(extra, ['basicConstraints=critical,CA:FALSE', ...extensions].join('\n'));
    await run('openssl', ['req', '-new', ...NEW_KEY, '-keyout', key, '-out', csr, '-subj', subject]);
    const authority = ['-CA', this.file, '-CAkey', this.#at('ca.key'), '-CAcreateserial'];
    await run('openssl', [
      'x509',
      '-req',
      '-in',
      csr,
      ...authority,
      '-extfile',
      extra,
      '-days',
      String(days),
      '-out',
      cert,
    ]);
    return { cert: await readFile(cert, 'utf8'), key: await readFile(key, 'utf8') };
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  #at(file: string): string {
    return join(this.folder, file);
  }
}
