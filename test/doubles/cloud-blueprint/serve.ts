import * as outputs from '@pulumi/pulumi/output.js';
import * as resources from '@pulumi/pulumi/resource.js';
import { serveProvider } from '../../../blueprints/local-process/provider.ts';
import type { EngineHost, ServedBlueprint } from '../../../src/stacks/blueprint.ts';
import type { CloudClient } from '../cloud/client.ts';
import { GROUP_TYPE, INSTANCE_TYPE, PACKAGE, type ResourceArgs, createKind } from './kinds.ts';
import type { CloudConfig } from './schema.ts';

class Group extends resources.CustomResource {
  constructor(name: string, args: ResourceArgs) {
    super(GROUP_TYPE, name, { ...args });
  }
}

class Instance extends resources.CustomResource {
  declare readonly host: outputs.Output<string>;
  declare readonly port: outputs.Output<number>;

  constructor(name: string, args: ResourceArgs, options: resources.CustomResourceOptions) {
    super(INSTANCE_TYPE, name, { ...args, host: undefined, port: undefined }, options);
  }
}

/** The program, and a provider that ends with the runner. */
export async function serve(cloud: CloudClient, engine: EngineHost): Promise<ServedBlueprint> {
  const provider = await serveProvider([createKind(cloud, engine, 'group'), createKind(cloud, engine, 'instance')]);
  return {
    providers: { [PACKAGE]: provider.port },
    program: (_input, config) => async () => {
      // As the schema made it.
      const { createMs, version, behaviour } = config as unknown as CloudConfig;
      const group = new Group('group', { createMs: Math.round(createMs / 5) });
      const instance = new Instance('instance', { createMs, version, behaviour }, { dependsOn: [group] });
      return {
        endpoints: [outputs.all([instance.host, instance.port]).apply(([host, port]) => ({ host, port }))],
      };
    },
  };
}
