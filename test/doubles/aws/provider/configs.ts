import type { JsonObject } from '../../../../src/domain/json.ts';
import { type AwsClients, type ClientSettings, createAwsClients } from './clients.ts';
import type { KindContext } from './kind.ts';

interface ProviderConfig {
  clients: AwsClients;
  defaultTags: Record<string, string>;
}

/**
 * What each explicit provider was configured with. All of them share the one server that is attached, and none of the
 * engine's calls says which it means: but each has a connection of its own.
 */
export class ProviderConfigs {
  readonly #byPeer = new Map<string, ProviderConfig>();
  readonly #settings: ClientSettings;

  constructor(settings: ClientSettings) {
    this.#settings = settings;
  }

  /** @throws Error as the plugin has it where something is missing */
  set(peer: string, variables: JsonObject): void {
    const { region } = variables;
    if (typeof region !== 'string' || region === '') throw new Error('Missing region information');
    const { tags = {} } = (variables.defaultTags ?? {}) as { tags?: Record<string, string> };
    this.#byPeer.set(peer, { clients: createAwsClients(region, this.#settings), defaultTags: tags });
  }

  /** @throws Error for a connection that was never configured */
  contextOf(peer: string): KindContext {
    const config = this.#byPeer.get(peer);
    if (!config) throw new Error('the provider was not configured');
    const { clients, defaultTags } = config;
    return { clients, allTags: ({ tags }) => ({ ...defaultTags, ...(tags as Record<string, string> | undefined) }) };
  }

  defaultTags(peer: string): Record<string, string> {
    return this.#byPeer.get(peer)?.defaultTags ?? {};
  }
}
