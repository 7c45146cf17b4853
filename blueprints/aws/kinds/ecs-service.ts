import {
  DeleteServiceCommand,
  DescribeServicesCommand,
  ListClustersCommand,
  ListServicesCommand,
  type Service,
} from '@aws-sdk/client-ecs';
import type { AwsClients } from '../clients.ts';
import {
  awaitRemoval,
  type CloudKind,
  type FoundResource,
  fromEcsTagList,
  readPages,
  splitIntoChunks,
  unlessGone,
} from '../kind.ts';
import { formatAwsName, readTags } from '../names.ts';

const GONE = ['ClusterNotFoundException', 'ServiceNotFoundException', 'ServiceNotActiveException'];
/** How many services can be described at once. */
const AT_ONCE = 10;

/** Its tasks go with it. */
export const ecsServices: CloudKind = {
  type: 'aws:ecs/service:Service',
  async find(stack, clients) {
    const clusters = await listClusters(clients);
    const found = await Promise.all(
      clusters.map(async (cluster) => describe(cluster, [formatAwsName(stack)], clients)),
    );
    return found.flat().map(toFound);
  },
  async list(clients) {
    const clusters = await listClusters(clients);
    const found = await Promise.all(
      clusters.map(async (cluster) => describe(cluster, await listServices(cluster, clients), clients)),
    );
    return found.flat().flatMap((service) => {
      const stack = readTags(fromEcsTagList(service.tags));
      return stack ? [{ ...toFound(service), stack }] : [];
    });
  },
  async remove({ id, importId }, clients) {
    const [cluster = ''] = importId.split('/');
    await unlessGone(clients.ecs.send(new DeleteServiceCommand({ cluster, service: id, force: true })), ...GONE);
    await awaitRemoval(async () => (await describe(cluster, [id], clients)).length === 0);
  },
};

async function listClusters({ ecs }: AwsClients): Promise<string[]> {
  return readPages(async (nextToken) => {
    const { clusterArns = [], nextToken: next } = await ecs.send(new ListClustersCommand({ nextToken }));
    return { items: clusterArns, next };
  });
}

async function listServices(cluster: string, { ecs }: AwsClients): Promise<string[]> {
  return readPages(async (nextToken) => {
    const { serviceArns = [], nextToken: next } = await ecs.send(new ListServicesCommand({ cluster, nextToken }));
    return { items: serviceArns, next };
  });
}

async function describe(cluster: string, services: string[], { ecs }: AwsClients): Promise<Service[]> {
  const found = await Promise.all(
    splitIntoChunks(services, AT_ONCE).map(async (chunk) => {
      const asked = ecs.send(new DescribeServicesCommand({ cluster, services: chunk, include: ['TAGS'] }));
      return (await unlessGone(asked, ...GONE))?.services ?? [];
    }),
  );
  return found.flat().filter(({ status }) => status !== 'INACTIVE');
}

function toFound({ serviceArn: id = '', serviceName = '', clusterArn = '' }: Service): FoundResource {
  return { id, importId: `${clusterArn.split('/').at(-1) ?? ''}/${serviceName}`, label: `ECS service ${serviceName}` };
}
