import type { Kind } from '../../../blueprints/local-process/kinds.ts';
import type { EngineHost, StackId } from '../../../src/stacks/blueprint.ts';
import type { CloudClient } from '../cloud/client.ts';
import type { Resource, ResourceRequest } from '../cloud/cloud.ts';
import { toTags } from './tags.ts';

/** The Pulumi package whose provider lives in a runner. */
export const PACKAGE = 'cloud';
export const GROUP_TYPE = `${PACKAGE}:index:Group`;
export const INSTANCE_TYPE = `${PACKAGE}:index:Instance`;

/** What both types of resources are made from. */
export interface ResourceArgs {
  createMs: number;
  version?: string;
  behaviour?: 'good' | 'unhealthy';
}

/** A type of resource by the API of the cloud: what is there by its name is adopted, as it is after a lost answer. */
export function createKind(cloud: CloudClient, engine: EngineHost, kind: ResourceRequest['kind']): Kind {
  const nameOf = ({ project, stack }: StackId, name: string): string => `${project}.${stack}.${name}`;
  const toState = (inputs: object, { address }: Resource): object => ({ ...inputs, ...address });
  return {
    type: kind === 'group' ? GROUP_TYPE : INSTANCE_TYPE,
    async create(id, name, inputs) {
      const signal = engine.signalOf(id);
      const args = inputs as unknown as ResourceArgs;
      const called = nameOf(id, name);
      if (!(await cloud.find(called))) await cloud.create({ ...args, name: called, kind, tags: toTags(id) }, signal);
      return toState(inputs, await cloud.awaitRunning(called, signal));
    },
    async read(id, name, state) {
      const found = await cloud.find(nameOf(id, name));
      return found?.state === 'running' ? { state: toState(state, found) } : undefined;
    },
    delete: async (id, name) => cloud.delete(nameOf(id, name)),
  };
}
