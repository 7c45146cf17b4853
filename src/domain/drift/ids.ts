import type { ServiceKey } from '../service/service.ts';

const LOOK = 'supplant/drift';

/** Ids in Temporal; what people see in its UI. */
export const driftIds = {
  /** Of the schedule. */
  schedule: LOOK,
  /** What the schedule makes the ids of looks from, with the time behind it. */
  look: LOOK,
  /** Of a look at one service that somebody has asked for. */
  check: ({ name, environment }: ServiceKey, requestId: string): string => `drift/${name}/${environment}/${requestId}`,
  /** The same at all services. */
  checkAll: (requestId: string): string => `drift/${requestId}`,
};

/** Whether a workflow of that id looks at all services: as the schedule starts it, or as somebody has asked for it. */
export function looksAtAll(workflowId: string): boolean {
  return workflowId.startsWith(`${LOOK}-`) || /^drift\/[^/]+$/.test(workflowId);
}
