import { createHash } from 'node:crypto';
import { ApiError } from '../../contract/supplant-client.ts';
import {
  type Demand,
  LONGEST_MESSAGE_ID,
  type WebhookAnswer,
  type WebhookMessage,
  findNothingToEnd,
  formatSenderName,
  readDemand,
} from '../../domain/hooks/demand.ts';
import { isFreezing } from '../../domain/rollout/verbs.ts';
import type { Command, VerbRequest } from '../../domain/service/requests.ts';
import { formatRolloutName } from '../../domain/service/requests.ts';
import { formatServiceId } from '../../domain/service/service.ts';
import { SigningSecretError, findSignatureFault } from '../../hooks/signature.ts';
import { SecretError, readSecret } from '../../secrets/secrets.ts';
import type { Catalogue } from '../../store/catalogue/catalogue.ts';
import { toApiError } from './errors.ts';
import type { Rollouts } from './rollouts.ts';

export interface WebhooksParts {
  catalogue: () => Promise<Catalogue>;
  rollouts: Pick<Rollouts, 'act'>;
  /** A clock, in milliseconds since the epoch; this machine's unless told. */
  now?: () => number;
  /** What goes wrong here, and is no sender's to know. */
  warn?: (message: string) => void;
}

/** How long a secret is kept: whoever floods a gateway must not flood what keeps its secrets, too. In milliseconds. */
const SECRET_MS = 5_000;

/** A demand that ends nothing is remembered under this number, which no rollout has. */
const NONE = 0;

/** Messages of monitoring systems, by which a deployment that is under way is ended. */
export class Webhooks {
  readonly #parts: WebhooksParts;
  readonly #secrets = new Map<string, { value: Promise<string>; at: number }>();

  constructor(parts: WebhooksParts) {
    this.#parts = parts;
  }

  /** Never fails: what cannot be carried out now is an answer, too. */
  async receive(message: WebhookMessage): Promise<WebhookAnswer> {
    try {
      return (await this.#findObstacle(message)) ?? (await this.#heed(message));
    } catch (error) {
      const { reason, message: text } = toApiError(error);
      if (reason !== 'UNAVAILABLE') this.#parts.warn?.(`a webhook of ${formatServiceId(message.service)}: ${text}`);
      return { code: 503, message: 'this cannot be answered now; send it again' };
    }
  }

  /** Why a message is not to be believed, or not for anybody here. */
  async #findObstacle({ service, sender: name, headers, body }: WebhookMessage): Promise<WebhookAnswer | undefined> {
    const id = formatServiceId(service);
    const record = await (await this.#parts.catalogue()).service(service);
    if (!record || record.removedAt !== undefined) return { code: 404, message: `there is no service ${id}` };
    const sender = record.spec.rollbackOn?.webhooks.find((each) => each.name === name);
    if (!sender) return { code: 404, message: `${id} has no webhook ${name}; rollbackOn of its manifest names them` };
    if ((headers['webhook-id']?.length ?? 0) > LONGEST_MESSAGE_ID) {
      return { code: 400, message: `webhook-id may have ${LONGEST_MESSAGE_ID} characters at most` };
    }
    try {
      const secret = await this.#readSecret(sender.secret);
      const fault = findSignatureFault(secret, headers, body, new Date(this.#now()));
      return fault === undefined ? undefined : { code: 401, message: `not believed: ${fault}` };
    } catch (error) {
      if (!(error instanceof SecretError) && !(error instanceof SigningSecretError)) throw error;
      this.#parts.warn?.(`webhook ${name} of ${id} cannot be verified: ${error.message}`);
      return { code: 503, message: "its secret cannot be had; the gateway's log says why" };
    }
  }

  /** Carries out a demand that is believed. The same message again ends the same rollout, and no other. */
  async #heed({ service, sender, headers, body }: WebhookMessage): Promise<WebhookAnswer> {
    const demand = readDemand(body);
    if ('fault' in demand) return { code: 400, message: demand.fault };
    const catalogue = await this.#parts.catalogue();
    const [found] = await catalogue.overview(service);
    const obstacle = findNothingToEnd(formatServiceId(service), found?.running, demand.rollout);
    const number = obstacle === undefined ? (found?.running?.number ?? NONE) : NONE;
    const wanted = this.#command({ service, sender, headers }, demand, number);
    await catalogue.commands.save(wanted);
    const command = (await catalogue.commands.find(service, wanted.id)) ?? wanted;
    const { rollout } = command.asked as VerbRequest;
    if (rollout === NONE) {
      const message = obstacle ?? 'this message was heard before, when nothing was to be ended';
      return { code: 200, status: 'ignored', message };
    }
    return this.#abort(command, rollout);
  }

  async #abort({ service, change }: Command, rollout: number): Promise<WebhookAnswer> {
    const name = formatRolloutName({ service, number: rollout });
    try {
      const { actor, reason, requestId } = change;
      const by = { actor, requestId, ...(reason === undefined ? {} : { reason }) };
      const effect = await this.#parts.rollouts.act(service, 'abort', { rollout, demanded: true, ...by });
      return { code: 200, status: isFreezing(effect) ? 'frozen' : 'aborted', rollout: name, message: effect };
    } catch (error) {
      if (!(error instanceof ApiError) || error.reason !== 'REFUSED') throw error;
      return { code: 200, status: 'ignored', rollout: name, message: error.message };
    }
  }

  /** On record once under the message's own id, with the rollout that ran then: a message that is replayed finds it. */
  #command(
    { service, sender, headers }: Pick<WebhookMessage, 'service' | 'sender' | 'headers'>,
    { reason }: Demand,
    rollout: number,
  ): Command {
    const digest = createHash('sha256')
      .update(`${sender}\n${headers['webhook-id'] ?? ''}`)
      .digest('hex')
      .slice(0, 40);
    return {
      id: `webhook-${digest}`,
      service,
      asked: { kind: 'verb', verb: 'abort', rollout },
      change: {
        actor: formatSenderName(sender),
        requestId: `webhook-${digest}`,
        ...(reason === undefined ? {} : { reason }),
      },
      at: new Date(this.#now()).toISOString(),
    };
  }

  #readSecret(reference: string): Promise<string> {
    const known = this.#secrets.get(reference);
    if (known && this.#now() - known.at < SECRET_MS) return known.value;
    const value = readSecret(reference);
    this.#secrets.set(reference, { value, at: this.#now() });
    return value;
  }

  #now(): number {
    return (this.#parts.now ?? Date.now)();
  }
}
