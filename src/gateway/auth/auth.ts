import type { Binding } from '../../domain/access.ts';
import type { Authenticator, Caller, Credentials } from './authenticator.ts';

/** What the connection says about the caller, beside the credentials in the request. */
export interface Connection {
  /** The address of its other end. */
  remoteAddress?: string;
  /** The Host header or `:authority`. */
  host?: string;
  /** Why the certificate that was presented is not accepted, in OpenSSL's word: `CERT_HAS_EXPIRED`. */
  certificateProblem?: string;
}

export type Presented = Credentials & Connection;

/** A caller who is known, and what that allows. */
export interface Identity extends Caller {
  /** `token:ci`, `jwt:ann@example.com`, `certificate:build-1`; with the data folder's token the name that was claimed. */
  readonly name: string;
  readonly via: 'certificate' | 'jwt' | 'token' | 'local';
  /** The bindings that hold for the caller; none where nobody has given it a role. */
  readonly bindings: readonly Binding[];
  /** As {@link Caller.refusal}; who asked for a rollout is refused to approve it where that is demanded. */
  readonly refusal: Caller['refusal'];
  readonly standing: NonNullable<Caller['standing']>;
}

export interface AccessAuthenticator extends Authenticator {
  /**
   * @throws {UnauthenticatedError} when the credentials do not prove who sent the request
   * @throws {ApiError} UNAVAILABLE when the issuer cannot be asked whether they do; nobody is let in for that
   */
  authenticate(presented: Presented): Promise<Identity>;
  /** Ends what still waits for the issuer. */
  close(): Promise<void>;
}
