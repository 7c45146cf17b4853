import type { GatePhase } from '../domain/gates/gate.ts';
import { type WebhookAnswer, describeUnasked, readWebhookAnswer } from '../domain/gates/webhook.ts';
import { type RolloutRef, formatRolloutName } from '../domain/service/requests.ts';
import { formatServiceId } from '../domain/service/service.ts';
import { type HookCaller, HookRefusedError, HookUnavailableError } from '../hooks/caller.ts';
import { withHeartbeats } from './heartbeat.ts';

/** How long one asking may take, in milliseconds. */
const ASKING_MS = 10_000;

export interface AskGateTask {
  ref: RolloutRef;
  gate: { name: string; before: GatePhase; step?: number; preview?: string; url: string; secret: string };
  /** When it is asked, ISO 8601: what tells one asking from the next. */
  at: string;
}

/** Asks a gate's webhook. What it says is a result, and so is that it says nothing. */
export function gateWebhookActivities(hooks: HookCaller) {
  return {
    askGate({ ref, gate, at }: AskGateTask): Promise<WebhookAnswer> {
      const { url, secret, ...place } = gate;
      const rollout = formatRolloutName(ref);
      const data = { rollout, service: formatServiceId(ref.service), gate: place.name, ...place, actor: ref.actor };
      const id = `${rollout}-${place.before}-${place.step ?? 1}-${place.name}-${Date.parse(at)}`;
      const body = { type: 'gate.asked', timestamp: at, data };
      return withHeartbeats(async (signal) => {
        try {
          return readWebhookAnswer(await hooks.call({ url, secret, id, body, timeoutMs: ASKING_MS }, signal));
        } catch (error) {
          const isTold = error instanceof HookRefusedError || error instanceof HookUnavailableError;
          if (!isTold) throw error;
          return describeUnasked(error.message);
        }
      });
    },
  };
}
