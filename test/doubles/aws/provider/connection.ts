import { DescribeAvailabilityZonesCommand } from '@aws-sdk/client-ec2';
import emptyPb from 'google-protobuf/google/protobuf/empty_pb.js';
import pluginPb from '@pulumi/pulumi/proto/plugin_pb.js';
import providerPb from '@pulumi/pulumi/proto/provider_pb.js';
import { toStruct } from '../../../../blueprints/local-process/rpc.ts';
import type { JsonObject } from '../../../../src/domain/json.ts';
import { readArgumentFacts } from './argument-facts.ts';
import type { ProviderConfigs } from './configs.ts';
import { handler } from './handler.ts';
import { unwrapSecrets } from './values.ts';

/** The version of `@pulumi/aws` that it stands in for. */
const VERSION = '7.48.0';
const ZONES = 'aws:index/getAvailabilityZones:getAvailabilityZones';

export function connectionHandlers(configs: ProviderConfigs) {
  return {
    handshake: handler(() => new providerPb.ProviderHandshakeResponse()),
    attach: handler(() => new emptyPb.Empty()),
    getPluginInfo: handler(() => new pluginPb.PluginInfo().setVersion(VERSION)),
    checkConfig: handler((request: providerPb.CheckRequest) => {
      const response = new providerPb.CheckResponse().setInputs(request.getNews());
      const { known } = readArgumentFacts('aws:index/provider:Provider');
      for (const property of Object.keys(request.getNews()?.toJavaScript() ?? {})) {
        if (known.has(property) || property === 'version') continue;
        response.addFailures(
          new providerPb.CheckFailure().setProperty(property).setReason(`Invalid or unknown key "${property}"`),
        );
      }
      return response;
    }),
    diffConfig: handler(() => new providerPb.DiffResponse()),
    configure: handler((request: providerPb.ConfigureRequest, peer) => {
      configs.set(peer, readVariables(request));
      return new providerPb.ConfigureResponse().setSupportspreview(true);
    }),
    cancel: handler(() => new emptyPb.Empty()),
    invoke: handler(async (request: providerPb.InvokeRequest, peer) => {
      if (request.getTok() !== ZONES) throw new Error(`unknown function ${request.getTok()}`);
      const { clients } = configs.contextOf(peer);
      const { AvailabilityZones = [] } = await clients.ec2.send(new DescribeAvailabilityZonesCommand({}));
      const names = AvailabilityZones.map(({ ZoneName = '' }) => ZoneName);
      return new providerPb.InvokeResponse().setReturn(toStruct({ names, id: 'zones' }));
    }),
  };
}

/** The engine gives nested values as JSON in texts, and secrets as such. */
function readVariables(request: providerPb.ConfigureRequest): JsonObject {
  const given = request.getArgs()?.toJavaScript() ?? {};
  const entries = Object.entries(given).map(([key, value]) => {
    const plain = unwrapSecrets(value);
    return [key, typeof plain === 'string' && /^[[{]/.test(plain) ? unwrapSecrets(JSON.parse(plain)) : plain];
  });
  return Object.fromEntries(entries) as JsonObject;
}
