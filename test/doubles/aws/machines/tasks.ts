import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
  ListClustersCommand,
  ListServicesCommand,
  type Service,
} from '@aws-sdk/client-ecs';
import type { Aws } from '../aws.ts';
import type { Machine } from './machine.ts';

/** As many tasks of each ECS service as it wants. ECS registers each of them, by its address, in the service's group. */
export async function listTasks({ client }: Aws): Promise<Machine[]> {
  const ecs = new ECSClient(client);
  try {
    const { clusterArns = [] } = await ecs.send(new ListClustersCommand({}));
    const services = await Promise.all(clusterArns.map(async (cluster) => listServices(ecs, cluster)));
    return (await Promise.all(services.flat().map(async (service) => listTasksOf(ecs, service)))).flat();
  } finally {
    ecs.destroy();
  }
}

async function listServices(ecs: ECSClient, cluster: string): Promise<Service[]> {
  const { serviceArns = [] } = await ecs.send(new ListServicesCommand({ cluster }));
  if (serviceArns.length === 0) return [];
  const { services = [] } = await ecs.send(new DescribeServicesCommand({ cluster, services: serviceArns }));
  return services.filter(({ status }) => status === 'ACTIVE');
}

async function listTasksOf(ecs: ECSClient, service: Service): Promise<Machine[]> {
  const [balancer] = service.loadBalancers ?? [];
  const asked = new DescribeTaskDefinitionCommand({ taskDefinition: service.taskDefinition });
  const { taskDefinition } = await ecs.send(asked);
  const artifact = taskDefinition?.containerDefinitions?.[0]?.image ?? '';
  return Array.from({ length: service.desiredCount ?? 0 }, (_, index) => ({
    id: `${service.serviceArn}#${index + 1}`,
    artifact,
    port: balancer?.containerPort ?? 0,
    ...(balancer?.targetGroupArn === undefined ? {} : { group: balancer.targetGroupArn }),
  }));
}
