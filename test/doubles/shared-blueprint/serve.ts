import { existsSync } from 'node:fs';
import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CustomResource } from '@pulumi/pulumi/resource.js';
import type { Kind } from '../../../blueprints/local-process/kinds.ts';
import { serveProvider } from '../../../blueprints/local-process/provider.ts';
import type { EngineHost, ServedBlueprint } from '../../../src/stacks/blueprint.ts';

const TYPE = 'shared:index:Item';

class Item extends CustomResource {
  constructor(name: string, args: { waits: boolean }, after: Item[] = []) {
    super(TYPE, name, args, { dependsOn: after });
  }
}

/** Each creation is a line of `made.log` in the cloud: what was adopted is in it once. */
function itemKind(cloud: string, host: EngineHost): Kind {
  return {
    type: TYPE,
    async create(id, name, inputs) {
      const path = join(cloud, id.project, id.stack, name);
      const signal = host.signalOf(id);
      while (inputs.waits === true && !existsSync(join(cloud, 'go'))) await sleep(20, undefined, { signal });
      if (existsSync(path)) return inputs;
      await mkdir(join(path, '..'), { recursive: true });
      await writeFile(path, '', { flag: 'wx' });
      await appendFile(join(cloud, 'made.log'), `${id.stack}/${name} by ${process.pid}\n`);
      return inputs;
    },
    read: async (id, name, state) => (existsSync(join(cloud, id.project, id.stack, name)) ? { state } : undefined),
    async delete(id, name) {
      await rm(join(cloud, id.project, id.stack, name), { force: true });
    },
  };
}

export async function serve(cloud: string, host: EngineHost): Promise<ServedBlueprint> {
  const { port } = await serveProvider([itemKind(cloud, host)]);
  return {
    providers: { shared: port },
    program: () => async () => {
      const first = new Item('i1', { waits: false });
      new Item('i2', { waits: true }, [first]);
      return { endpoints: [{ host: '127.0.0.1', port: 1 }] };
    },
  };
}
