import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';
import { ApiError } from '../../contract/supplant-client.ts';
import type { JwtConfig } from './config.ts';
import { discoverJwks } from './discovery.ts';

/** How long the issuer may take and how often it is asked, in milliseconds. */
export interface IssuerTiming {
  /** Limit for one answer. */
  timeoutMs: number;
  /** Pause between two requests caused by unknown keys, so that forged tokens do not become load for the issuer. */
  cooldownMs: number;
  /** Age at which keys are fetched anew: how long a key that the issuer withdrew is still taken. */
  maxAgeMs: number;
}

/** jose's own, which fit most issuers: rotations are announced by hours, withdrawals may take minutes. */
export const DEFAULT_ISSUER_TIMING: IssuerTiming = { timeoutMs: 5000, cooldownMs: 30_000, maxAgeMs: 600_000 };

/** What is wrong with the token where a key is looked up; all else is wrong with the issuer. */
const TOKEN_FAULTS = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported];

/** The issuer's public keys: fetched when first needed, kept, and fetched anew for a key that is not among them. */
export class IssuerKeys {
  readonly #config: JwtConfig;
  readonly #timing: IssuerTiming;
  readonly #closing = new AbortController();
  #keys: Promise<JWTVerifyGetKey> | undefined;

  constructor(config: JwtConfig, timing: IssuerTiming) {
    this.#config = config;
    this.#timing = timing;
  }

  /**
   * The key that a token says it is signed with.
   *
   * @throws {ApiError} UNAVAILABLE when the issuer does not give its keys
   */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    try {
      const keys = await this.#open();
      return await keys(header, token);
    } catch (error) {
      if (TOKEN_FAULTS.some((fault) => error instanceof fault)) throw error;
      throw this.#unavailable(error);
    }
  };

  close(): void {
    this.#closing.abort();
  }

  #open(): Promise<JWTVerifyGetKey> {
    this.#keys ??= this.#locate().catch((error: unknown) => {
      // The next token tries again.
      this.#keys = undefined;
      throw error;
    });
    return this.#keys;
  }

  async #locate(): Promise<JWTVerifyGetKey> {
    const { issuer, jwks } = this.#config;
    const { timeoutMs, cooldownMs, maxAgeMs } = this.#timing;
    const url =
      jwks ?? (await discoverJwks(issuer, AbortSignal.any([this.#closing.signal, AbortSignal.timeout(timeoutMs)])));
    return createRemoteJWKSet(new URL(url), {
      timeoutDuration: timeoutMs,
      cooldownDuration: cooldownMs,
      cacheMaxAge: maxAgeMs,
      [customFetch]: (address, options) =>
        fetch(address, { ...options, signal: AbortSignal.any([options.signal, this.#closing.signal]) }),
    });
  }

  #unavailable(cause: unknown): ApiError {
    const message = `the token cannot be checked now: the issuer ${this.#config.issuer} does not give its keys`;
    return new ApiError('UNAVAILABLE', message, { suggestion: 'try again in a moment', cause });
  }
}
