/** Every limit of the router `haproxy`; those whose names end in `Ms` are in milliseconds. */
export const LIMITS = {
  /** Revisions of a service that stand at once: each has a backend of its own, and backends are made at the start. */
  revisions: 32,
  /** The weight of a server among those of its backend (HAProxy's own limit). */
  serverWeight: 256,
  /** An answer of the runtime socket. They take less than one. */
  answerMs: 5_000,
  /** From the start of HAProxy until it answers. It takes some 50. */
  startMs: 8_000,
  /** Between two looks at what is in flight, of somebody who waits for it to end. */
  idlePauseMs: 50,
  /** So often, servers that nobody uses any more are deleted, and what was not answered is noted. */
  tidyMs: 2_000,
  /** So often, it is looked whether a HAProxy that an earlier process of this router started is still there. */
  aliveMs: 250,
  /** Before HAProxy is started again that ended as soon as it was started, at first and at most. */
  firstPauseMs: 50,
  longestPauseMs: 5_000,
} as const;
