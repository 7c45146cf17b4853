import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, request as ask, type Server } from 'node:https';
import { connect, createSecureServer, type Http2SecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { connect as connectTls, type PeerCertificate } from 'node:tls';
import type { AccessAuthenticator } from '../../../src/gateway/auth/auth.ts';
import { readCertificateEnd, readCertificateSubject } from '../../../src/gateway/auth/certificates.ts';
import type { AccessConfig, CertificateSubject } from '../../../src/gateway/auth/config.ts';
import { buildClientCertificateOptions, readConnection } from '../../../src/gateway/auth/connection.ts';
import { createAuthenticator } from '../../../src/gateway/auth/create-authenticator.ts';
import { createToken } from '../../../src/gateway/auth/create-token.ts';
import { readCredentials } from '../../../src/gateway/auth/authenticator.ts';
import { Authority, type KeyPair } from './authority.ts';

type Request = Parameters<typeof readConnection>[0];

describe('client certificates over TLS', () => {
  const { token, hash } = createToken({ name: 'laptop', role: 'viewer' });
  let authority: Authority;
  let stranger: Authority;
  let server: Server;
  let authenticator: AccessAuthenticator;
  let config: AccessConfig;
  let gateway: KeyPair;

  before(async () => {
    [authority, stranger] = await Promise.all([Authority.make(), Authority.make()]);
    gateway = await authority.sign('/CN=gateway', ['subjectAltName=IP:127.0.0.1']);
    config = accessBy('common-name', await readFile(authority.file, 'utf8'));
    authenticator = createAuthenticator(config, { host: '0.0.0.0', tls: true });
    server = createServer({ ...gateway, ...buildClientCertificateOptions(config) }, (request, response) => {
      void answer(request).then((text) => response.end(text));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(async () => {
    server.close();
    server.closeAllConnections();
    await Promise.all([authority.remove(), stranger.remove()]);
  });

  function accessBy(subject: CertificateSubject, ca: string): AccessConfig {
    const bindings: AccessConfig['bindings'] = [{ subjects: ['certificate:ci'], role: 'deployer', services: ['*/*'] }];
    return { tokens: [{ name: 'laptop', hash }], certificates: { ca, subject }, bindings, separateApprover: [] };
  }

  /** What a gateway does with a request: names the caller, or says why not. */
  async function answer(request: Request): Promise<string> {
    const presented = { ...readCredentials(request), ...readConnection(request) };
    return authenticator.authenticate(presented).then(
      ({ name, via, bindings }) => `${name} ${via} ${bindings.map(({ role }) => role).join()}`.trim(),
      (error: unknown) => String(error),
    );
  }

  async function call(pair: Partial<KeyPair> = {}, headers: Record<string, string> = {}): Promise<string> {
    const { port } = server.address() as AddressInfo;
    const request = ask({ host: '127.0.0.1', port, ca: config.certificates?.ca, ...pair, headers, agent: false });
    request.end();
    const [response] = (await once(request, 'response')) as [AsyncIterable<Buffer>];
    let text = '';
    for await (const chunk of response) text += chunk.toString();
    return text;
  }

  /** The answer on a second connection that resumes the first one's session. */
  async function resumed(pair: Partial<KeyPair>): Promise<string> {
    const { port } = server.address() as AddressInfo;
    const ca = config.certificates?.ca ?? '';
    const first = connectTls({ host: '127.0.0.1', port, ca, ...pair });
    first.write('GET / HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\n\r\n');
    const [session] = (await once(first, 'session')) as [Buffer];
    first.destroy();
    const second = connectTls({ host: '127.0.0.1', port, ca, session, ...pair });
    await once(second, 'secureConnect');
    assert.ok(second.isSessionReused());
    second.write('GET / HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\n\r\n');
    let text = '';
    for await (const chunk of second) text += String(chunk);
    return text;
  }

  it('of the right authority name the caller', async () => {
    assert.equal(await call(await authority.sign('/O=Example/CN=ci')), 'certificate:ci certificate deployer');
    assert.equal(await call(await authority.sign('/CN=Ünï')), 'certificate:Ünï certificate');
  });

  it('name the caller over HTTP/2 as well', async () => {
    const secure: Http2SecureServer = createSecureServer({ ...gateway, ...buildClientCertificateOptions(config) });
    secure.on('request', (request, response) => void answer(request).then((text) => response.end(text)));
    secure.listen(0, '127.0.0.1');
    await once(secure, 'listening');
    const url = `https://127.0.0.1:${(secure.address() as AddressInfo).port}`;
    const session = connect(url, { ca: config.certificates?.ca, ...(await authority.sign('/CN=ci')) });
    const stream = session.request({ ':path': '/' });
    let text = '';
    for await (const chunk of stream) text += String(chunk);
    session.close();
    secure.close();
    assert.equal(text, 'certificate:ci certificate deployer');
  });

  it('of another authority, outdated, or made for servers are refused, and the reason is told', async () => {
    const refused = 'UnauthenticatedError: the client certificate is not accepted: ';
    assert.match(await call(await stranger.sign('/CN=ci')), new RegExp(`^${refused}[A-Z_]+$`));
    assert.equal(await call(await authority.sign('/CN=ci', [], -1)), `${refused}CERT_HAS_EXPIRED`);
    const forServers = await authority.sign('/CN=ci', ['extendedKeyUsage=serverAuth']);
    assert.equal(await call(forServers), `${refused}INVALID_PURPOSE`);
  });

  it('count in a resumed session as they did before', async () => {
    const none = await resumed({});
    assert.match(none, /UnauthenticatedError: send a token/);
    assert.match(await resumed(await stranger.sign('/CN=ci')), /certificate is not accepted/);
    assert.match(await resumed(await authority.sign('/CN=ci')), /certificate:ci certificate deployer/);
  });

  it('are one of two ways, and without either the caller hears of both', async () => {
    assert.equal(await call({}, { authorization: `Bearer ${token}` }), 'token:laptop token');
    assert.equal(
      await call(),
      "UnauthenticatedError: send a token, as 'Authorization: Bearer TOKEN' or a client certificate",
    );
  });

  it('do not make up for a wrong token, nor hide a right one', async () => {
    const pair = await authority.sign('/CN=ci');
    assert.match(
      await call(pair, { authorization: `Bearer ${token}x` }),
      /^UnauthenticatedError: the token is not known/,
    );
    assert.equal(await call(pair, { authorization: `Bearer ${token}` }), 'token:laptop token');
  });

  it('that name nobody, or two, are refused', async () => {
    assert.match(await call(await authority.sign('/O=Example')), /has no common name$/);
    assert.match(await call(await authority.sign('/CN=ci/CN=root')), /has more than one common name$/);
  });

  it('name the caller by an alternative name where the file says so', async () => {
    const names = 'subjectAltName=DNS:build.example,URI:spiffe://example/ci,email:ci@example.com';
    const pair = await authority.sign('/CN=ci', [names]);
    const ca = config.certificates?.ca ?? '';
    const expected = { dns: 'build.example', uri: 'spiffe://example/ci', email: 'ci@example.com', 'common-name': 'ci' };
    for (const [kind, name] of Object.entries(expected)) {
      authenticator = createAuthenticator(accessBy(kind as CertificateSubject, ca), { host: '0.0.0.0', tls: true });
      assert.match(await call(pair), new RegExp(`^certificate:${name} certificate`));
    }
  });
});

describe('alternative names of a certificate', () => {
  const certificate = (subjectaltname?: string): PeerCertificate => ({ subjectaltname }) as PeerCertificate;

  it('are read as Node writes them, quoted where a comma could make two of one', () => {
    const text = 'DNS:"a, DNS:root", URI:"b\\"c", IP Address:127.0.0.1, email:ann@example.com';
    assert.equal(readCertificateSubject(certificate(text), 'dns'), 'a, DNS:root');
    assert.equal(readCertificateSubject(certificate(text), 'uri'), 'b"c');
    assert.equal(readCertificateSubject(certificate(text), 'email'), 'ann@example.com');
  });

  for (const [what, text] of Object.entries({
    'there are none': undefined,
    'none is of that kind': 'URI:a',
    'two are': 'DNS:a, DNS:b',
    'they cannot be read': 'DNS:a"b, x',
    'a quote is not closed': 'DNS:"a',
    'a quoted one is no text': 'DNS:"\\x"',
    'it is empty': 'DNS:',
  })) {
    it(`prove nothing when ${what}`, () => {
      assert.throws(() => readCertificateSubject(certificate(text), 'dns'), { name: 'UnauthenticatedError' });
    });
  }
});

describe('the end of a certificate', () => {
  const certificate = { valid_to: 'Nov 25 12:00:00 2026 GMT' } as PeerCertificate;
  const end = '2026-11-25T12:00:00.000Z';

  it('is told while it is to come', () => {
    assert.equal(readCertificateEnd(certificate, new Date('2026-11-25T11:59:59Z')).toISOString(), end);
  });

  it('counts on a connection that was opened before it', () => {
    assert.throws(() => readCertificateEnd(certificate, new Date(end)), /expired at Nov 25 12:00:00 2026 GMT/);
  });
});
