import {
  DeregisterTaskDefinitionCommand,
  ListTagsForResourceCommand,
  ListTaskDefinitionsCommand,
} from '@aws-sdk/client-ecs';
import type { AwsClients } from '../clients.ts';
import { type CloudKind, type FoundResource, fromEcsTagList, isNameOfStack, readPages, unlessGone } from '../kind.ts';
import { formatAwsName, readTags } from '../names.ts';

/** A family has one for each time that it was registered: an interrupted run leaves one that nobody knows. */
export const taskDefinitions: CloudKind = {
  type: 'aws:ecs/taskDefinition:TaskDefinition',
  async find(stack, clients) {
    return (await listActive(clients, formatAwsName(stack))).map(toFound).reverse();
  },
  async list(clients) {
    const named = (await listActive(clients)).filter((arn) => isNameOfStack(familyOf(arn))).map(toFound);
    const tagged = await Promise.all(
      named.map(async (each) => {
        const asked = clients.ecs.send(new ListTagsForResourceCommand({ resourceArn: each.id }));
        const found = await unlessGone(asked, 'ClientException', 'InvalidParameterException');
        const stack = readTags(fromEcsTagList(found?.tags));
        return stack ? [{ ...each, stack }] : [];
      }),
    );
    return tagged.flat();
  },
  async remove({ id }, { ecs }) {
    await unlessGone(ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: id })), 'ClientException');
  },
};

/** In the order in which they were registered. */
async function listActive({ ecs }: AwsClients, family?: string): Promise<string[]> {
  const arns = await readPages(async (nextToken) => {
    const asked = new ListTaskDefinitionsCommand({
      ...(family === undefined ? {} : { familyPrefix: family }),
      status: 'ACTIVE',
      nextToken,
    });
    const { taskDefinitionArns = [], nextToken: next } = await ecs.send(asked);
    return { items: taskDefinitionArns, next };
  });
  return family === undefined ? arns : arns.filter((arn) => familyOf(arn) === family);
}

/** `arn:…:task-definition/FAMILY:3` */
function familyOf(arn: string): string {
  return /\/([^/:]+):\d+$/.exec(arn)?.[1] ?? '';
}

function toFound(arn: string): FoundResource {
  return { id: arn, importId: arn, label: `task definition ${arn.split('/').at(-1) ?? ''}` };
}
