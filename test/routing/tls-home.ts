import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EmbeddedRouter } from '../../src/routing/embedded/client.ts';
import { Authority } from '../gateway/auth/authority.ts';
import { RouterHome } from './router-process.ts';

export const ON_LOOPBACK = ['subjectAltName=IP:127.0.0.1'];

export const generateToken = (): string => randomBytes(32).toString('hex');
export const hashToken = (token: string): string => `sha256:${createHash('sha256').update(token).digest('hex')}`;

/** A router that takes orders over TLS, its files, and those of its clients. */
export class TlsHome {
  readonly home: RouterHome;
  readonly authority: Authority;
  readonly token = generateToken();
  readonly #clients: EmbeddedRouter[] = [];

  private constructor(home: RouterHome, authority: Authority) {
    this.home = home;
    this.authority = authority;
  }

  static async make(): Promise<TlsHome> {
    const [home, authority] = await Promise.all([RouterHome.make(), Authority.make()]);
    const made = new TlsHome(home, authority);
    await made.certify();
    await made.write('tokens', `# the workers'\n${hashToken(made.token)}\n`);
    await made.write('token', `${made.token}\n`);
    return made;
  }

  file(name: string): string {
    return join(this.authority.folder, name);
  }

  async write(name: string, content: string): Promise<string> {
    await writeFile(this.file(name), content, { mode: 0o600 });
    return this.file(name);
  }

  async certify(extensions = ON_LOOPBACK, days = 1): Promise<void> {
    const { cert, key } = await this.authority.sign('/CN=router', extensions, days);
    await Promise.all([this.write('router.pem', cert), this.write('router.key', key)]);
  }

  async start(more: string[] = ['--token-file', this.file('tokens')]): Promise<void> {
    const tls = ['--tls-cert', this.file('router.pem'), '--tls-key', this.file('router.key')];
    await this.home.start(['--admin', '127.0.0.1:0', ...tls, ...more]);
  }

  client(how: Parameters<RouterHome['remoteClient']>[0] = { tokenFile: this.file('token') }): EmbeddedRouter {
    const client = this.home.remoteClient({ caFile: this.authority.file, ...how });
    this.#clients.push(client);
    return client;
  }

  async pair(authority = this.authority): Promise<{ pair: { certFile: string; keyFile: string } }> {
    const { cert, key } = await authority.sign('/CN=worker');
    const [certFile, keyFile] = await Promise.all([this.write('client.pem', cert), this.write('client.key', key)]);
    return { pair: { certFile, keyFile } };
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    await this.home.dispose();
    await this.authority.remove();
  }
}
