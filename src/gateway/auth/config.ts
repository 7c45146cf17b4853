import type { Binding } from '../../domain/access.ts';

/** Who may call, how they prove who they are, and what they may do: an `access.yaml`, complete with defaults. */
export interface AccessConfig {
  tokens: StaticToken[];
  /** The issuer whose JWTs are taken. One only: subjects of two issuers could not be told apart. */
  jwt?: JwtConfig;
  certificates?: CertificateConfig;
  bindings: Binding[];
  /** Patterns of services where anyone who asked for a rollout may not approve it. */
  separateApprover: string[];
}

/** A bearer token that somebody was given, known by its hash only. */
export interface StaticToken {
  name: string;
  /** `sha256:` and 64 hexadecimal digits. */
  hash: string;
  expires?: Date;
}

export interface JwtConfig {
  /** Exactly as in the tokens' `iss`. */
  issuer: string;
  /** A token is taken when it is for any of these. */
  audience: string[];
  /** Where the issuer's keys are; by OpenID Connect discovery when absent. */
  jwks?: string;
  algorithms: string[];
  /** The claim that names the caller. */
  subjectClaim: string;
  /** The claim that lists the caller's groups; `group:NAME` in a binding. */
  groupsClaim?: string;
  /** By how much the issuer's clock may differ from ours, in milliseconds. */
  clockToleranceMs: number;
}

/** Which part of a client's certificate names the caller. */
export const CERTIFICATE_SUBJECTS = ['common-name', 'dns', 'email', 'uri'] as const;
export type CertificateSubject = (typeof CERTIFICATE_SUBJECTS)[number];

export interface CertificateConfig {
  /** The authorities that sign clients' certificates, in PEM. */
  ca: string;
  subject: CertificateSubject;
}

/**
 * Signatures by a key pair, the private half of which only the issuer has. HMAC (HS256 …) is left out: its secret would
 * have to be here too, and a public key mistaken for it lets anybody sign. `none` is left out for obvious reasons.
 */
export const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

/** What issuers sign with unless told otherwise: RS256 is OpenID Connect's default, ES256 and EdDSA its successors. */
export const DEFAULT_ALGORITHMS = ['RS256', 'ES256', 'EdDSA'];

/** RFC 7519 leaves room for "usually no more than a few minutes"; clocks kept by NTP differ by far less than this. */
export const DEFAULT_CLOCK_TOLERANCE_MS = 30_000;
