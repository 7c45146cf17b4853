import providerPb from '@pulumi/pulumi/proto/provider_pb.js';
import { fromStruct, parseUrn } from '../../../../blueprints/local-process/rpc.ts';
import type { JsonObject } from '../../../../src/domain/json.ts';
import { readArgumentFacts } from './argument-facts.ts';
import type { ProviderConfigs } from './configs.ts';
import { handler } from './handler.ts';
import type { ResourceKind } from './kind.ts';
import { isCovered } from './values.ts';

type Kinds = ReadonlyMap<string, ResourceKind>;

/** @throws Error for a type that the blueprints do not use, and which is therefore not stood in for */
export function findKind(kinds: Kinds, urn: string): ResourceKind {
  const { type } = parseUrn(urn);
  const kind = kinds.get(type);
  if (!kind) throw new Error(`unrecognized resource type (${type}): the double of the AWS provider does not know it`);
  return kind;
}

export function planningHandlers(kinds: Kinds, configs: ProviderConfigs) {
  return {
    check: handler((request: providerPb.CheckRequest) => {
      const response = new providerPb.CheckResponse().setInputs(request.getNews());
      for (const { property, reason } of findArgumentFaults(
        findKind(kinds, request.getUrn()),
        fromStruct(request.getNews()),
      )) {
        response.addFailures(new providerPb.CheckFailure().setProperty(property).setReason(reason));
      }
      return response;
    }),
    diff: handler((request: providerPb.DiffRequest, peer) => {
      const kind = findKind(kinds, request.getUrn());
      const news = fromStruct(request.getNews());
      const changed = findChanges({
        kind,
        news,
        oldInputs: fromStruct(request.getOldInputs()),
        olds: fromStruct(request.getOlds()),
        allTags: configs.contextOf(peer).allTags(news),
      }).filter((property) => !request.getIgnorechangesList().includes(property));
      const replaces = changed.filter((property) => kind.fixed.includes(property));
      const { DIFF_NONE, DIFF_SOME } = providerPb.DiffResponse.DiffChanges;
      return new providerPb.DiffResponse()
        .setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE)
        .setDiffsList(changed)
        .setReplacesList(replaces)
        .setDeletebeforereplace(replaces.length > 0);
    }),
  };
}

/** What the plugin would refuse of a resource's arguments. */
export function findArgumentFaults(kind: ResourceKind, inputs: JsonObject): { property: string; reason: string }[] {
  const { known, required } = readArgumentFacts(kind.type);
  const unknown = Object.keys(inputs).filter((property) => !known.has(property) && !property.startsWith('__'));
  const missing = required.filter((property) => inputs[property] === undefined);
  const unnamed = known.has('name') && inputs.name === undefined && inputs.namePrefix === undefined;
  return [
    ...unknown.map((property) => ({ property, reason: `Invalid or unknown key "${property}"` })),
    ...missing.map((property) => ({ property, reason: `Missing required argument "${property}"` })),
    // The plugin would make up a random one, and nobody could find what an interrupted run has made.
    ...(unnamed ? [{ property: 'name', reason: 'it has no name of its own' }] : []),
    ...(kind.faults?.(inputs) ?? []),
  ];
}

interface Comparison {
  kind: ResourceKind;
  news: JsonObject;
  oldInputs: JsonObject;
  /** The resource's state. */
  olds: JsonObject;
  allTags: Record<string, string>;
}

/** The arguments that differ from what there is, or were given before and no longer are. */
export function findChanges({ kind, news, oldInputs, olds, allTags }: Comparison): string[] {
  const { known } = readArgumentFacts(kind.type);
  const ofTags = known.has('tags') && olds.tagsAll !== undefined;
  const changed = Object.keys(news).filter((property) => {
    if (property.startsWith('__') || (property === 'tags' && ofTags)) return false;
    // What only the plugin itself goes by is in no answer of AWS's.
    return !isCovered(asJson(news[property]), asJson(olds[property]));
  });
  // What cannot be changed and is left out, is as the plugin finds it: it is optional and computed in its schema.
  const asFound = [...kind.fixed, ...(kind.filledIn ?? [])];
  const isGiven = (property: string): boolean => known.has(property) && !asFound.includes(property);
  const dropped = Object.keys(oldInputs).filter(
    (property) => isGiven(property) && property !== 'tags' && news[property] === undefined,
  );
  const tags = ofTags && !isCovered(allTags, olds.tagsAll) ? ['tags'] : [];
  return [...changed, ...dropped, ...tags];
}

/** Documents that differ only in how they are written are the same. */
function asJson(value: unknown): unknown {
  if (typeof value !== 'string' || !/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}
