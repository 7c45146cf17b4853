import type { PeerCertificate } from 'node:tls';
import { UnauthenticatedError } from './authenticator.ts';
import type { CertificateSubject } from './config.ts';
import { readSubject } from './subject.ts';

const SAN_KINDS = { dns: 'DNS', email: 'email', uri: 'URI' } as const;
/** As OpenSSL prints them; Node writes names with a comma or quote in them as JSON. */
const SAN_ENTRY = /([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^",]*)(?:, |$)/y;

/**
 * Who the certificate is for.
 *
 * @throws {UnauthenticatedError} when it does not name exactly one, in the part that the configuration says
 */
export function readCertificateSubject(certificate: PeerCertificate, kind: CertificateSubject): string {
  const [name, ...others] = kind === 'common-name' ? commonNames(certificate) : alternativeNames(certificate, kind);
  const part = kind === 'common-name' ? 'common name' : `alternative name of kind ${kind}`;
  if (name === undefined) throw new UnauthenticatedError(`the client certificate has no ${part}`);
  if (others.length > 0) throw new UnauthenticatedError(`the client certificate has more than one ${part}`);
  return readSubject(name, `the client certificate's ${part}`);
}

/**
 * When the certificate's time is over. The handshake has looked at that already, but connections may live for much longer.
 *
 * @throws {UnauthenticatedError} when it is over
 */
export function readCertificateEnd({ valid_to: end }: PeerCertificate, now = new Date()): Date {
  const until = new Date(end);
  if (until > now) return until;
  throw new UnauthenticatedError(`the client certificate expired at ${end}`);
}

/** Several where the certificate repeats the attribute, which Node's types do not say. */
function commonNames(certificate: PeerCertificate): unknown[] {
  const subject = certificate.subject as { CN?: unknown } | undefined;
  const names = subject?.CN;
  if (names === undefined) return [];
  return Array.isArray(names) ? (names as unknown[]) : [names];
}

function alternativeNames(certificate: PeerCertificate, kind: keyof typeof SAN_KINDS): string[] {
  const text = certificate.subjectaltname ?? '';
  const names: string[] = [];
  SAN_ENTRY.lastIndex = 0;
  while (SAN_ENTRY.lastIndex < text.length) {
    const match = SAN_ENTRY.exec(text);
    if (!match) throw unreadable();
    const [, entryKind, name = ''] = match;
    if (entryKind === SAN_KINDS[kind]) names.push(unquoted(name));
  }
  return names;
}

function unquoted(name: string): string {
  if (!name.startsWith('"')) return name;
  try {
    return JSON.parse(name) as string;
  } catch {
    throw unreadable();
  }
}

function unreadable(): UnauthenticatedError {
  return new UnauthenticatedError("the client certificate's alternative names cannot be read");
}
