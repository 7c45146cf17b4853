import { Server, ServerCredentials, type UntypedServiceImplementation } from '@grpc/grpc-js';
import pluginPb from '@pulumi/pulumi/proto/plugin_pb.js';
import providerGrpc from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import providerPb from '@pulumi/pulumi/proto/provider_pb.js';
import emptyPb from 'google-protobuf/google/protobuf/empty_pb.js';
import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '../../src/domain/json.ts';
import type { Kind } from './kinds.ts';
import { parseUrn, fromStruct, toStruct, unary } from './rpc.ts';

/** Serves resource kinds to Pulumi engines over gRPC, from this process and until it ends. */
export async function serveProvider(kinds: readonly Kind[]): Promise<{ port: number }> {
  const server = new Server();
  server.addService(providerGrpc.ResourceProviderService, handlers(kinds));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  return { port };
}

function handlers(kinds: readonly Kind[]): UntypedServiceImplementation {
  const kindOf = (urn: string): Kind => {
    const { type } = parseUrn(urn);
    const kind = kinds.find((candidate) => candidate.type === type);
    if (!kind) throw new Error(`${type} is not a resource of this provider`);
    return kind;
  };
  return { ...connection, ...planning, ...changes(kindOf) };
}

const connection = {
  handshake: unary(() => new providerPb.ProviderHandshakeResponse()),
  attach: unary(() => new emptyPb.Empty()),
  getPluginInfo: unary(() => new pluginPb.PluginInfo().setVersion('1.0.0')),
  checkConfig: unary((request: providerPb.CheckRequest) => new providerPb.CheckResponse().setInputs(request.getNews())),
  diffConfig: unary(() => new providerPb.DiffResponse()),
  configure: unary(() => new providerPb.ConfigureResponse()),
  // Whoever stops an engine aborts its operation's signal first, which says for which stack it is meant.
  cancel: unary(() => new emptyPb.Empty()),
};

const planning = {
  /** Where immutability is kept: the engine asks before it plans, and takes no step after a refusal. */
  check: unary((request: providerPb.CheckRequest) => {
    const response = new providerPb.CheckResponse().setInputs(request.getNews());
    const olds = fromStruct(request.getOlds());
    const news = fromStruct(request.getNews());
    if (Object.keys(olds).length === 0) return response;
    for (const property of listChanges(olds, news)) {
      const reason = `${property} differs from what the revision was made with; a revision never changes, make a new one`;
      response.addFailures(new providerPb.CheckFailure().setProperty(property).setReason(reason));
    }
    return response;
  }),
  diff: unary((request: providerPb.DiffRequest) => {
    const changed = listChanges(fromStruct(request.getOldInputs()), fromStruct(request.getNews()));
    const { DIFF_NONE, DIFF_SOME } = providerPb.DiffResponse.DiffChanges;
    return new providerPb.DiffResponse()
      .setChanges(changed.length === 0 ? DIFF_NONE : DIFF_SOME)
      .setDiffsList(changed)
      .setReplacesList(changed);
  }),
};

function listChanges(olds: JsonObject, news: JsonObject): string[] {
  const properties = new Set([...Object.keys(olds), ...Object.keys(news)]);
  return [...properties].filter((property) => !isDeepStrictEqual(olds[property], news[property]));
}

function changes(kindOf: (urn: string) => Kind) {
  return {
    create: unary(async (request: providerPb.CreateRequest) => {
      const { id, name } = parseUrn(request.getUrn());
      if (request.getPreview()) return new providerPb.CreateResponse().setProperties(request.getProperties());
      const state = await kindOf(request.getUrn()).create(id, name, fromStruct(request.getProperties()));
      return new providerPb.CreateResponse().setId(`${id.project}/${id.stack}/${name}`).setProperties(toStruct(state));
    }),
    /** A resource that is gone is answered with no id. */
    read: unary(async (request: providerPb.ReadRequest) => {
      const { id, name } = parseUrn(request.getUrn());
      const found = await kindOf(request.getUrn()).read(id, name, fromStruct(request.getProperties()));
      if (!found) return new providerPb.ReadResponse();
      return new providerPb.ReadResponse()
        .setId(request.getId())
        .setInputs(
          found.differs ? toStruct({ ...fromStruct(request.getInputs()), ...found.differs }) : request.getInputs(),
        )
        .setProperties(toStruct(found.state));
    }),
    update: unary((request: providerPb.UpdateRequest): providerPb.UpdateResponse => {
      throw new Error(`${parseUrn(request.getUrn()).name} cannot be updated: a revision never changes, make a new one`);
    }),
    delete: unary(async (request: providerPb.DeleteRequest) => {
      const { id, name } = parseUrn(request.getUrn());
      await kindOf(request.getUrn()).delete(id, name);
      return new emptyPb.Empty();
    }),
  };
}
