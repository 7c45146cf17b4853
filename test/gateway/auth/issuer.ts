import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

interface SigningKey {
  kid: string;
  algorithm: string;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
  jwk: JWK;
}

/** An OpenID Connect issuer on a free port: real keys, published over real HTTP. */
export class Issuer {
  /** How often the keys were fetched. */
  fetches = 0;
  published: JWK[] = [];
  /** What takes the place of an answer, for an issuer in trouble. */
  trouble: 'silent' | 'status' | 'garbage' | 'redirect' | 'empty' | undefined;
  /** What discovery says the issuer is, where that is not the truth. */
  claimedIssuer: string | undefined;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      if (this.trouble === 'silent') return;
      if (this.trouble === 'status') return void response.writeHead(503).end();
      if (this.trouble === 'garbage') return void response.end('<html>');
      if (this.trouble === 'redirect') return void response.writeHead(302, { location: '/keys' }).end();
      if (this.trouble === 'empty') return void response.end('{}');
      if (request.url === '/.well-known/openid-configuration') {
        return void response.end(
          JSON.stringify({ issuer: this.claimedIssuer ?? this.url, jwks_uri: `${this.url}/keys` }),
        );
      }
      this.fetches += 1;
      response.end(JSON.stringify({ keys: this.published }));
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async start(port = 0): Promise<void> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  publish(...keys: SigningKey[]): void {
    this.published = keys.map((key) => key.jwk);
  }

  /** A token of this issuer for `supplant`, good for a minute, unless said otherwise. A claim of undefined is left out. */
  async sign(
    key: SigningKey,
    claims: Record<string, unknown> = {},
    header: { kid?: string | undefined } = {},
  ): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const usual = { iss: this.url, aud: 'supplant', sub: 'ann', iat: now, exp: now + 60 };
    return new SignJWT({ ...usual, ...claims })
      .setProtectedHeader({ alg: key.algorithm, kid: key.kid, ...header } as { alg: string })
      .sign(key.privateKey);
  }
}

export async function signingKey(kid: string, algorithm = 'ES256'): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  return {
    kid,
    algorithm,
    privateKey,
    publicKey,
    jwk: { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: 'sig' },
  };
}
