/**
 * Every time-out of the embedded router, in milliseconds. They guard against peers that have gone, not against slow
 * ones: long polls, event streams and big uploads are ordinary traffic.
 */
export const LIMITS = {
  /** Connecting to an endpoint. It is on the same host or network: five seconds is an endpoint that is not there (502). */
  connectMs: 5_000,
  /** From the end of the request to the head of the answer, long polls included (504). Undici's and curl's custom. */
  answerHeadMs: 300_000,
  /** Silence within the body of an answer. Generous because event streams may be quiet for long. */
  answerSilenceMs: 3_600_000,
  /** A client may take this long for the head of its request; Node's default. There is no limit for its body. */
  requestHeadMs: 60_000,
  /** An idle client connection is kept this long: longer than the 60 s at which common load balancers let go. */
  clientIdleMs: 75_000,
  /**
   * An idle connection to an endpoint is kept this long, or for what its `keep-alive` header says less a second:
   * shorter than the 5 s of Node's own servers.
   */
  endpointIdleMs: 4_000,
  /** After SIGTERM, requests in flight may take this long to finish; `--grace-ms` overrides it. */
  shutdownMs: 10_000,
  /** The client of the admin socket gives up on an answer, apart from `drain`, which has a deadline of its own. */
  adminAnswerMs: 10_000,
  /** The client keeps an idle connection to the admin socket this long. */
  adminIdleMs: 600_000,
} as const;
