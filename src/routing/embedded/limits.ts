/**
 * Every limit of the embedded router; those whose names end in `Ms` are time-outs in milliseconds. They guard against
 * peers that have gone, not against slow ones: long polls, event streams and big uploads are ordinary traffic.
 */
export const LIMITS = {
  /** Connecting to an endpoint. It is on the same host or network: five seconds is an endpoint that is not there (502). */
  connectMs: 5_000,
  /** From the end of the request to the head of the answer, long polls included (504). Undici's and curl's custom. */
  answerHeadMs: 300_000,
  /**
   * The head of a request (431) or of an answer (502), in bytes: more than any common server takes or client accepts,
   * so that service and client decide.
   */
  headBytes: 256 * 1024,
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
  /** Idle connections are looked through this often. */
  idleSweepMs: 500,
  /** No more idle connections than this are kept to one endpoint. */
  idlePerEndpoint: 256,
  /**
   * After the last answer on a connection the rest of an upload is taken in and thrown away for so long: closing at
   * once would reset the connection, and the answer could be lost with it (RFC 9112, 9.6).
   */
  lingerMs: 30_000,
  /** So often it is looked whether a wanted port that was taken can be had. */
  reclaimMs: 2_000,
  /** After SIGTERM, requests in flight may take this long to finish; `--grace-ms` overrides it. */
  shutdownMs: 10_000,
  /** The client of the admin socket gives up on an answer, apart from `drain`, which has a deadline of its own. */
  adminAnswerMs: 10_000,
  /** TCP's own search for clients of the admin plane that are gone begins after this much silence. */
  adminKeepaliveMs: 30_000,
  /** The client keeps an idle connection to the admin socket this long. */
  adminIdleMs: 600_000,
} as const;
