import { type HandlerContext, createContextKey } from '@connectrpc/connect';
import type { ServiceKey } from '../domain/service/service.ts';
import { formatServiceId } from '../domain/service/service.ts';
import type { Caller, Permission } from './auth/authenticator.ts';
import type { Backend } from './backend.ts';
import { toConnectError, createRefusalError } from './errors.ts';
import { limitToCaller } from './known-services.ts';
import type { Log } from './log.ts';
import type { Rights } from './auth/rights.ts';
import type { Found } from './find-rollout.ts';
import type { AuditFeed } from './watch/audit-feed.ts';
import type { SharedLooks } from './shared-looks.ts';

/** What all handlers share. */
export interface Gateway {
  backend: Backend;
  log: Log;
  feed: AuditFeed;
  looks: SharedLooks<Found>;
  /** Aborted when the gateway is to stop: streams end so that their readers resume elsewhere. */
  draining: AbortSignal;
  rights: Rights;
}

/** Who calls; set before a handler is asked. */
export const callerKey = createContextKey<Caller>({
  name: 'nobody',
  refusal: () => 'nobody told who calls',
  refusalAnywhere: () => 'nobody told who calls',
});

/** Tells who calls by what the rules are now; set before a handler is asked. */
export const authenticateKey = createContextKey<() => Promise<Caller>>(() =>
  Promise.reject(new Error('nobody told who calls')),
);

/** One call of one caller. The only way to the backend leads past what the caller may do. */
export class Call {
  readonly caller: Caller;
  /** Aborted when the caller's deadline is over, or nobody listens any more. */
  readonly signal: AbortSignal;
  readonly gateway: Gateway;
  readonly #authenticate: () => Promise<Caller>;

  constructor(gateway: Gateway, context: HandlerContext) {
    this.gateway = gateway;
    this.caller = context.values.get(callerKey);
    this.signal = context.signal;
    this.#authenticate = context.values.get(authenticateKey);
  }

  /**
   * What is behind the gateway, for somebody who may do this.
   *
   * @param service without it: to all services
   */
  to(permission: Permission, service?: ServiceKey, requester?: string): Backend {
    permit(this.caller, permission, service, requester);
    return this.gateway.backend;
  }

  /** @throws where the caller may do this to no service, whichever the request turns out to be about */
  mustBeAllowedSomewhere(permission: Permission): void {
    const why = this.caller.refusalAnywhere(permission);
    if (why !== undefined) throw createRefusalError('FORBIDDEN', `${this.caller.name} may not ${permission}: ${why}`);
  }

  /** The caller as it is known now. @throws what it would be refused with, were it to ask now */
  async again(permission: Permission, service?: ServiceKey): Promise<Caller> {
    const caller = await this.#authenticate();
    permit(caller, permission, service);
    return caller;
  }
}

function permit(caller: Caller, permission: Permission, service?: ServiceKey, requester?: string): void {
  const why = caller.refusal(permission, service, requester);
  if (why === undefined) return;
  const what = service ? `${permission} ${formatServiceId(service)}` : `${permission} all services`;
  throw createRefusalError('FORBIDDEN', `${caller.name} may not ${what}: ${why}`);
}

/** Makes a handler of an rpc with one answer. It is given up when the caller's time is over. */
export function handleUnary<Request extends object, Response>(
  gateway: Gateway,
  answer: (request: Request, call: Call) => Promise<Response>,
): (request: Request, context: HandlerContext) => Promise<Response> {
  return async (request, context) => {
    try {
      return await unlessAborted(context.signal, answer(request, new Call(gateway, context)));
    } catch (error) {
      throw toConnectError(limitToCaller(error, context.values.get(callerKey)), gateway.log, subjectOf(request));
    }
  };
}

/** Makes a handler of an rpc that answers with a stream. */
export function handleStreaming<Request extends object, Response>(
  gateway: Gateway,
  answer: (request: Request, call: Call) => AsyncIterable<Response>,
): (request: Request, context: HandlerContext) => AsyncGenerator<Response> {
  return async function* (request, context) {
    const { signal } = context;
    try {
      yield* answer(request, new Call(gateway, context));
    } catch (error) {
      const reason: unknown = signal.aborted ? signal.reason : limitToCaller(error, context.values.get(callerKey));
      throw toConnectError(reason, gateway.log, subjectOf(request));
    }
  };
}

function subjectOf(request: object): string {
  const { name, parent } = request as { name?: unknown; parent?: unknown };
  return [name, parent].find((text) => typeof text === 'string') ?? '';
}

async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason as Error);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
    work.catch(() => undefined);
    promise.catch(() => undefined);
  }
}
