import emptyPb from 'google-protobuf/google/protobuf/empty_pb.js';
import providerPb from '@pulumi/pulumi/proto/provider_pb.js';
import { fromStruct, parseUrn, toStruct } from '../../../../blueprints/local-process/rpc.ts';
import { waitUntil } from '../../../../src/host/polling.ts';
import type { JsonObject } from '../../../../src/domain/json.ts';
import { readArgumentFacts } from './argument-facts.ts';
import type { ProviderConfigs } from './configs.ts';
import { handler } from './handler.ts';
import type { FoundResource, KindContext, ProviderHooks, ResourceKind } from './kind.ts';
import { findKind } from './planning.ts';
import { clean, UNKNOWN } from './values.ts';

/** For how long it does so, in milliseconds. */
const NEW_LIMIT_MS = 10_000;

export function changeHandlers(
  kinds: ReadonlyMap<string, ResourceKind>,
  configs: ProviderConfigs,
  hooks: ProviderHooks,
) {
  return {
    create: handler(async (request: providerPb.CreateRequest, peer) => {
      const { type, name } = parseUrn(request.getUrn());
      const kind = findKind(kinds, request.getUrn());
      const inputs = fromStruct(request.getProperties());
      if (request.getPreview()) return new providerPb.CreateResponse().setProperties(toStruct(expected(kind, inputs)));
      const context = configs.contextOf(peer);
      const id = await named(`creating ${type} (${name})`, kind.create(inputs, context));
      await hooks.made?.(type, name);
      const found = await readNew(kind, id, context, inputs);
      if (!found) throw new Error(`creating ${type} (${name}): it is not there`);
      const state = toState(inputs, found, configs.defaultTags(peer));
      return new providerPb.CreateResponse().setId(found.id).setProperties(toStruct(state));
    }),
    /** For a refresh, and for an import, of which the engine knows no more than an id. */
    read: handler(async (request: providerPb.ReadRequest, peer) => {
      const kind = findKind(kinds, request.getUrn());
      const [inputs, olds] = [fromStruct(request.getInputs()), fromStruct(request.getProperties())];
      const found = await kind.read(request.getId(), configs.contextOf(peer), { ...olds, ...inputs });
      if (!found) return new providerPb.ReadResponse();
      const state = toState({ ...olds, ...inputs }, found, configs.defaultTags(peer));
      const isImport = Object.keys(olds).length === 0;
      return new providerPb.ReadResponse()
        .setId(found.id)
        .setInputs(isImport ? toStruct(argumentsOf(kind, state)) : request.getInputs())
        .setProperties(toStruct(state));
    }),
    update: handler(async (request: providerPb.UpdateRequest, peer) => {
      const { type, name } = parseUrn(request.getUrn());
      const kind = findKind(kinds, request.getUrn());
      const news = fromStruct(request.getNews());
      if (request.getPreview())
        return new providerPb.UpdateResponse().setProperties(
          toStruct({ ...fromStruct(request.getOlds()), ...listUnknown(kind.renewed ?? []), ...news }),
        );
      const context = configs.contextOf(peer);
      await named(`updating ${type} (${name})`, kind.update?.(request.getId(), news, context) ?? Promise.resolve());
      const found = await kind.read(request.getId(), context, news);
      if (!found) throw new Error(`updating ${type} (${name}): it is gone`);
      return new providerPb.UpdateResponse().setProperties(toStruct(toState(news, found, configs.defaultTags(peer))));
    }),
    delete: handler(async (request: providerPb.DeleteRequest, peer) => {
      const { type, name } = parseUrn(request.getUrn());
      const kind = findKind(kinds, request.getUrn());
      const state = fromStruct(request.getProperties());
      await named(`deleting ${type} (${name})`, deleteWith(kind, request.getId(), state, configs.contextOf(peer)));
      return new emptyPb.Empty();
    }),
  };
}

/** Reads may be late: the plugin asks again for what it has just made. */
async function readNew(
  kind: ResourceKind,
  id: string,
  context: KindContext,
  inputs: JsonObject,
): Promise<FoundResource | undefined> {
  let found: FoundResource | undefined;
  await waitUntil(NEW_LIMIT_MS, async () => (found = await kind.read(id, context, inputs)) !== undefined);
  return found;
}

async function deleteWith(kind: ResourceKind, id: string, state: JsonObject, context: KindContext): Promise<void> {
  await kind.delete(id, state, context);
}

/** The plugin says what it was about when AWS refuses. */
async function named<T>(what: string, doing: Promise<T>): Promise<T> {
  try {
    return await doing;
  } catch (error) {
    const { name, message } = error as Error;
    throw new Error(`${what}: ${name === 'Error' ? '' : `api error ${name}: `}${message}`, { cause: error });
  }
}

/** What a preview shows of it. */
function expected(kind: ResourceKind, inputs: JsonObject): JsonObject {
  return { ...listUnknown(kind.computed), ...inputs };
}

function listUnknown(properties: readonly string[]): JsonObject {
  return Object.fromEntries(properties.map((property) => [property, UNKNOWN]));
}

/** AWS's word counts where it has one; what only the plugin goes by is taken over from the arguments. */
function toState(inputs: JsonObject, { tags, state }: FoundResource, defaults: Record<string, string>): JsonObject {
  if (!tags) return clean({ ...inputs, ...state });
  // Tags of AWS's own (`aws:…`) are not shown, and the provider's are not the resource's.
  const all = Object.entries(tags).filter(([key]) => !key.startsWith('aws:'));
  const own = all.filter(([key, value]) => defaults[key] !== value);
  return clean({ ...inputs, ...state, tags: Object.fromEntries(own), tagsAll: Object.fromEntries(all) });
}

function argumentsOf(kind: ResourceKind, state: JsonObject): JsonObject {
  const { known } = readArgumentFacts(kind.type);
  return Object.fromEntries(Object.entries(state).filter(([property]) => known.has(property)));
}
