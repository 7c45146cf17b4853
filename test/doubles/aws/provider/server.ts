import { Server, ServerCredentials } from '@grpc/grpc-js';
import providerGrpc from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import type { ClientSettings } from './clients.ts';
import { connectionHandlers } from './connection.ts';
import type { ProviderHooks, ResourceKind } from './kind.ts';
import { RESOURCE_KINDS } from './kinds/index.ts';
import { planningHandlers } from './planning.ts';
import { changeHandlers } from './changes.ts';
import { ProviderConfigs } from './configs.ts';

export interface AwsProviderDouble {
  /** For `PULUMI_DEBUG_PROVIDERS=aws:PORT`. */
  port: number;
  close(): void;
}

/**
 * A stand-in for the plugin of `@pulumi/aws`, which no package registry has: the real engine speaks to it as to a plugin,
 * and it speaks to AWS's API by the AWS SDK.
 */
export async function serveAwsProviderDouble(
  settings: ClientSettings,
  hooks: ProviderHooks = {},
): Promise<AwsProviderDouble> {
  const kinds = new Map<string, ResourceKind>(RESOURCE_KINDS.map((kind) => [kind.type, kind]));
  const configs = new ProviderConfigs(settings);
  const server = new Server();
  server.addService(providerGrpc.ResourceProviderService, {
    ...connectionHandlers(configs),
    ...planningHandlers(kinds, configs),
    ...changeHandlers(kinds, configs, hooks),
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  return { port, close: () => server.forceShutdown() };
}
