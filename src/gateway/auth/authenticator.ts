import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { PeerCertificate } from 'node:tls';
import type { AccessVerb } from '../../domain/access.ts';
import type { Standing } from '../../domain/gates/approval.ts';
import type { ServiceKey } from '../../domain/service/service.ts';

/**
 * What a caller may be allowed to do. Each rpc asks for one:
 * `view` for Get, List, Watch and Explain; `audit` for the whole record: Export, Verify, and Lists and Watches without a
 * service; `experiment` for all that changes experiments, `reap` for the reaper; the others by their names.
 */
export type Permission = AccessVerb;

/** Who calls. */
export interface Caller {
  /** Goes to the audit log as the actor. */
  readonly name: string;
  /** From when on the credentials are not taken any more; undefined where they have no end. */
  readonly until?: Date | undefined;
  /**
   * Why the caller may not do this to this service, and what would allow it; undefined where it may. Without a service:
   * to all of them.
   *
   * @param requester who asked for the rollout; told for `approve` alone
   */
  refusal(permission: Permission, service?: ServiceKey, requester?: string): string | undefined;
  /**
   * Why the caller may do this to no service whatever; undefined where there may be one. Asked before what the caller sent is
   * looked at, where that says which service is meant.
   */
  refusalAnywhere(permission: Permission): string | undefined;
  /** Who the caller is to a service, as far as approvals go. Where it is absent: nobody in particular. */
  standing?(service: ServiceKey): Standing;
}

/** What a request brings to prove who calls. */
export interface Credentials {
  /** The `authorization` header. */
  authorization: string | undefined;
  /** The client's certificate, where the connection is TLS and the certificate was verified against the configured CA. */
  certificate: PeerCertificate | undefined;
  /** The claimed name, from the `supplant-actor` header. Proves nothing. */
  claimed: string | undefined;
}

/** Tells who calls. Asked before the request's body is read. */
export interface Authenticator {
  /** @throws UnauthenticatedError when the credentials are missing, expired or wrong */
  authenticate(credentials: Credentials): Promise<Caller>;
}

/** The caller could not be told. Its message is sent to the caller. */
export class UnauthenticatedError extends Error {
  override readonly name = 'UnauthenticatedError';
}

/** Header with the name that a caller goes by where nobody has to prove who they are. */
export const ACTOR_HEADER = 'supplant-actor';

const LONGEST_ACTOR = 100;

export function readCredentials(request: IncomingMessage | Http2ServerRequest): Credentials {
  const claimed = request.headers[ACTOR_HEADER];
  const { socket } = request;
  const verified = 'authorized' in socket && socket.authorized && 'getPeerCertificate' in socket;
  return {
    authorization: request.headers.authorization,
    certificate: verified ? (socket.getPeerCertificate as () => PeerCertificate)() : undefined,
    claimed: typeof claimed === 'string' ? cleaned(claimed) : undefined,
  };
}

/** Fit for a log: HTTP lets tabs and bytes beyond ASCII through. */
function cleaned(text: string): string | undefined {
  // eslint-disable-next-line no-control-regex
  const name = text.replaceAll(/[\u0000-\u001f\u007f]/g, '').trim();
  return name === '' ? undefined : name.slice(0, LONGEST_ACTOR);
}
