import type { WebhookAnswer, WebhookMessage } from '../domain/hooks/demand.ts';
import type { SupplantClient } from '../contract/supplant-client.ts';

/** What the gateway asks of the system behind it: all that a client can. Fails with ApiError. */
export interface Backend extends SupplantClient {
  /**
   * Whether requests can be carried out: Temporal and the audit store answer. Where it is absent, the audit store alone
   * is asked.
   *
   * @throws ApiError UNAVAILABLE saying what does not answer
   */
  ready?(): Promise<void>;
  /** Answers a message of a monitoring system. Where it is absent, nobody takes any. */
  receiveWebhook?(message: WebhookMessage): Promise<WebhookAnswer>;
}
