import { alarms } from './checks/alarms.ts';
import { foundAgain } from './checks/found-again.ts';
import { heldBack } from './checks/held-back.ts';
import { metrics } from './checks/metrics.ts';
import { targetHealth } from './checks/target-health.ts';
import { takenNames } from './checks/taken-names.ts';
import { throttling } from './checks/throttling.ts';
import { weightLimits } from './checks/weight-limits.ts';
import { weights } from './checks/weights.ts';
import type { LiveCheck } from './live-check.ts';

/**
 * Everything that `supplant doctor --live` tries on AWS, in this order. Another one is a file and a line here. The last one
 * waits for the load balancer, which AWS makes meanwhile.
 */
export const LIVE_CHECKS: readonly LiveCheck[] = [
  takenNames,
  foundAgain,
  weights,
  weightLimits,
  heldBack,
  alarms,
  metrics,
  throttling,
  targetHealth,
];
