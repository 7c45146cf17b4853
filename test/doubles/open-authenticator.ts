import type { Authenticator, Caller, Credentials } from '../../src/gateway/auth/authenticator.ts';

/** A double of an authenticator: takes everybody for whom they claim to be, and lets them do everything. */
export class OpenAuthenticator implements Authenticator {
  async authenticate({ claimed }: Credentials): Promise<Caller> {
    return { name: claimed ?? 'somebody', refusal: () => undefined, refusalAnywhere: () => undefined };
  }
}
