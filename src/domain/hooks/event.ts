import type { RolloutKind } from '../rollout/rollout.ts';
import type { ServiceKey } from '../service/service.ts';
import { type Endpoint, formatEndpointUrl, formatRevisionName } from '../service/revision.ts';
import type { HookRef } from './hook.ts';

/** What a hook is told of its rollout. Nothing of it is secret: `status` shows the same. */
export interface HookEvent {
  service: ServiceKey;
  rollout: number;
  kind: RolloutKind;
  hook: Pick<HookRef, 'name' | 'moment' | 'phase'>;
  /** The step of a plan that has several. */
  step?: { number: number; of: number; weight: number };
  /** How often what it belongs to was begun anew after it had failed; absent at first. */
  retry?: number;
  revision?: number;
  artifact?: string;
  previous?: number;
  /** Where the new revision can be reached, once that is known. */
  endpoints?: Endpoint[];
  /** Where it is looked at through the router, while it is: `http://127.0.0.1:8081`. */
  preview?: string;
  /** What its checks have found so far. */
  verdicts?: { check: string; verdict: string }[];
}

/**
 * What tells a call from others, and is the same for each of its repeats: the `webhook-id`. It has no full stop, as
 * Standard Webhooks asks for.
 */
export function formatHookId({ service, rollout, hook, step, retry }: Omit<HookEvent, 'kind'>): string {
  const { name, moment, phase } = hook;
  const of = step === undefined ? '' : `:${step.number}`;
  const again = retry === undefined ? '' : `:retry-${retry}`;
  return `${service.name}/${service.environment}:${rollout}:${moment}-${phase}${of}:${name}${again}`;
}

/**
 * The body of a call: the envelope of Standard Webhooks, with what happened in `data`.
 *
 * @param attempt from 1 on
 * @param at ISO 8601
 */
export function buildHookBody(event: HookEvent, attempt: number, at: string): object {
  const { service, rollout, kind, hook, step, retry, revision, artifact, previous, ...found } = event;
  const { endpoints, preview, verdicts } = found;
  return {
    type: `rollout.${hook.moment}-${hook.phase}`,
    timestamp: at,
    data: {
      hook: hook.name,
      when: hook.moment,
      phase: hook.phase,
      attempt,
      service: service.name,
      environment: service.environment,
      rollout,
      kind,
      ...(step === undefined ? {} : { step }),
      ...(retry === undefined ? {} : { retry }),
      ...(revision === undefined ? {} : { revision: formatRevisionName(revision) }),
      ...(artifact === undefined ? {} : { artifact }),
      ...(previous === undefined ? {} : { previous: formatRevisionName(previous) }),
      ...(endpoints === undefined ? {} : { endpoints: endpoints.map(formatEndpointUrl) }),
      ...(preview === undefined ? {} : { preview }),
      ...(verdicts === undefined ? {} : { verdicts }),
    },
  };
}
