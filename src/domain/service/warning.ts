/**
 * What is wrong with a service although no rollout says so.
 * - `unreachable`: of what is live, nothing accepts connections, so that clients get 502.
 * - `degraded`: some of what is live does not, or requests were not answered within the last minute.
 * - `no-route`: the record says that a revision is live, and the router sends it nothing.
 * - `port`: clients connect elsewhere than at the port that is asked for.
 * - `route-changed`: somebody else changed the weights since Supplant wrote them.
 * - `drift`: a stack is not as it was made, and nobody has acknowledged that.
 * - `hold`: the latest release was rolled back by itself, and is not deployed again before somebody says so.
 */
export const WARNING_KINDS = ['unreachable', 'degraded', 'no-route', 'port', 'route-changed', 'drift', 'hold'] as const;
export type WarningKind = (typeof WARNING_KINDS)[number];

export interface Warning {
  kind: WarningKind;
  /** A sentence for people, without a full stop. */
  text: string;
}
