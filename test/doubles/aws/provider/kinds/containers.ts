import {
  type ContainerDefinition,
  CreateClusterCommand,
  CreateServiceCommand,
  DeleteClusterCommand,
  DeleteServiceCommand,
  DeregisterTaskDefinitionCommand,
  DescribeClustersCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  type ECSClient,
  type KeyValuePair,
  RegisterTaskDefinitionCommand,
  type Tag,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { type ResourceKind, unlessGone, waitFor } from '../kind.ts';

const toTags = (tags: Record<string, string>): Tag[] => Object.entries(tags).map(([key, value]) => ({ key, value }));
const fromTags = (tags: readonly Tag[] = []): Record<string, string> =>
  Object.fromEntries(tags.map(({ key = '', value = '' }) => [key, value]));

export const clusterKind: ResourceKind = {
  type: 'aws:ecs/cluster:Cluster',
  fixed: ['name'],
  computed: ['arn', 'tagsAll'],
  async create(inputs, { clients: { ecs }, allTags }) {
    const clusterName = inputs.name as string;
    const { cluster } = await ecs.send(new CreateClusterCommand({ clusterName, tags: toTags(allTags(inputs)) }));
    return cluster?.clusterArn ?? '';
  },
  /** Imported by its name; its own id is the ARN. */
  async read(id, { clients: { ecs } }) {
    const { clusters } = await ecs.send(new DescribeClustersCommand({ clusters: [id], include: ['TAGS'] }));
    const cluster = clusters?.find(({ status }) => status !== 'INACTIVE');
    if (!cluster) return undefined;
    const state = { arn: cluster.clusterArn, name: cluster.clusterName };
    return { id: cluster.clusterArn ?? '', tags: fromTags(cluster.tags), state };
  },
  async delete(id, _inputs, { clients: { ecs } }) {
    await unlessGone(ecs.send(new DeleteClusterCommand({ cluster: id })), 'ClusterNotFoundException');
  },
};

/** Nothing of it can be changed but its tags. Its id is the family; it is imported by its ARN. */
export const taskDefinitionKind: ResourceKind = {
  type: 'aws:ecs/taskDefinition:TaskDefinition',
  fixed: [
    ...['family', 'containerDefinitions', 'cpu', 'memory', 'networkMode', 'requiresCompatibilities'],
    ...['executionRoleArn', 'taskRoleArn', 'runtimePlatform', 'volumes'],
  ],
  computed: ['arn', 'arnWithoutRevision', 'revision', 'tagsAll'],
  async create(inputs, { clients: { ecs }, allTags }) {
    const platform = inputs.runtimePlatform as { cpuArchitecture?: string; operatingSystemFamily?: string } | undefined;
    const { taskDefinition } = await ecs.send(
      new RegisterTaskDefinitionCommand({
        family: inputs.family as string,
        containerDefinitions: JSON.parse(inputs.containerDefinitions as string) as ContainerDefinition[],
        cpu: inputs.cpu as string,
        memory: inputs.memory as string,
        networkMode: inputs.networkMode as 'awsvpc',
        requiresCompatibilities: inputs.requiresCompatibilities as ['FARGATE'],
        ...(inputs.executionRoleArn === undefined ? {} : { executionRoleArn: inputs.executionRoleArn as string }),
        ...(inputs.taskRoleArn === undefined ? {} : { taskRoleArn: inputs.taskRoleArn as string }),
        ...(platform
          ? {
              runtimePlatform: {
                cpuArchitecture: platform.cpuArchitecture as 'ARM64',
                operatingSystemFamily: platform.operatingSystemFamily as 'LINUX',
              },
            }
          : {}),
        tags: toTags(allTags(inputs)),
      }),
    );
    return taskDefinition?.family ?? '';
  },
  async read(id, { clients: { ecs } }) {
    const asked = ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: id, include: ['TAGS'] }));
    const found = await unlessGone(asked, 'ClientException');
    const definition = found?.taskDefinition;
    if (!definition || definition.status === 'INACTIVE') return undefined;
    const arn = definition.taskDefinitionArn ?? '';
    const state = {
      arn,
      arnWithoutRevision: arn.replace(/:\d+$/, ''),
      revision: definition.revision,
      family: definition.family,
      containerDefinitions: JSON.stringify((definition.containerDefinitions ?? []).map(fromContainer)),
      cpu: definition.cpu,
      memory: definition.memory,
      networkMode: definition.networkMode,
      requiresCompatibilities: definition.requiresCompatibilities,
      executionRoleArn: definition.executionRoleArn,
      taskRoleArn: definition.taskRoleArn,
      ...(definition.runtimePlatform ? { runtimePlatform: definition.runtimePlatform } : {}),
    };
    return { id: definition.family ?? '', tags: fromTags(found.tags), state };
  },
  async delete(id, _inputs, { clients: { ecs } }) {
    for (;;) {
      const asked = ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: id }));
      const definition = (await unlessGone(asked, 'ClientException'))?.taskDefinition;
      if (!definition || definition.status === 'INACTIVE') return;
      await ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: definition.taskDefinitionArn }));
      return;
    }
  },
};

/** The keys that people write; AWS fills in many more, which the plugin takes for the same. */
function fromContainer(definition: ContainerDefinition): object {
  const { name, image, essential, portMappings, environment, secrets, logConfiguration, command } = definition;
  return {
    name,
    image,
    essential,
    ...(command && command.length > 0 ? { command } : {}),
    environment: (environment ?? []).map(({ name: key, value }: KeyValuePair) => ({ name: key, value })),
    ...(secrets && secrets.length > 0 ? { secrets } : {}),
    portMappings: (portMappings ?? []).map(({ containerPort, protocol }) => ({ containerPort, protocol })),
    ...(logConfiguration ? { logConfiguration } : {}),
  };
}

interface ServiceLoadBalancer {
  targetGroupArn: string;
  containerName: string;
  containerPort: number;
}

interface NetworkConfiguration {
  subnets: string[];
  securityGroups?: string[];
  assignPublicIp?: boolean;
}

/** `aws_ecs_service`. Its id is its ARN; it is imported by `CLUSTER/NAME`. */
export const serviceKind: ResourceKind = {
  type: 'aws:ecs/service:Service',
  fixed: ['name', 'cluster', 'launchType', 'schedulingStrategy', 'iamRole'],
  computed: ['arn', 'tagsAll'],
  async create(inputs, context) {
    const { ecs } = context.clients;
    const [serviceName, cluster] = [inputs.name as string, inputs.cluster as string];
    if (await findService(ecs, cluster, serviceName)) {
      throw new Error('InvalidParameterException: Creation of service was not idempotent.');
    }
    const balancers = (inputs.loadBalancers as ServiceLoadBalancer[] | undefined) ?? [];
    const network = inputs.networkConfiguration as unknown as NetworkConfiguration;
    const { service } = await ecs.send(
      new CreateServiceCommand({
        serviceName,
        cluster,
        taskDefinition: inputs.taskDefinition as string,
        desiredCount: inputs.desiredCount as number,
        launchType: inputs.launchType as 'FARGATE',
        ...(inputs.healthCheckGracePeriodSeconds === undefined
          ? {}
          : { healthCheckGracePeriodSeconds: inputs.healthCheckGracePeriodSeconds as number }),
        loadBalancers: balancers,
        networkConfiguration: {
          awsvpcConfiguration: {
            subnets: network.subnets,
            securityGroups: network.securityGroups ?? [],
            assignPublicIp: network.assignPublicIp === true ? 'ENABLED' : 'DISABLED',
          },
        },
        propagateTags: 'SERVICE',
        tags: toTags(context.allTags(inputs)),
      }),
    );
    return service?.serviceArn ?? '';
  },
  async read(id, { clients: { ecs } }, inputs) {
    const [cluster = '', name = ''] = id.startsWith('arn:')
      ? [(inputs.cluster as string | undefined) ?? clusterOf(id), id]
      : id.split('/');
    const service = await findService(ecs, cluster, name);
    if (!service) return undefined;
    const network = service.networkConfiguration?.awsvpcConfiguration;
    const state = {
      arn: service.serviceArn,
      name: service.serviceName,
      cluster: service.clusterArn,
      taskDefinition: service.taskDefinition,
      desiredCount: service.desiredCount,
      launchType: service.launchType,
      healthCheckGracePeriodSeconds: service.healthCheckGracePeriodSeconds,
      loadBalancers: (service.loadBalancers ?? []).map(({ targetGroupArn, containerName, containerPort }) => ({
        targetGroupArn,
        containerName,
        containerPort,
      })),
      networkConfiguration: {
        subnets: network?.subnets ?? [],
        securityGroups: network?.securityGroups ?? [],
        assignPublicIp: network?.assignPublicIp === 'ENABLED',
      },
    };
    return { id: service.serviceArn ?? '', tags: fromTags(service.tags), state };
  },
  async update(id, { cluster, desiredCount, taskDefinition }, { clients: { ecs } }) {
    const change = { desiredCount: desiredCount as number, taskDefinition: taskDefinition as string };
    await ecs.send(new UpdateServiceCommand({ service: id, cluster: cluster as string, ...change }));
  },
  async delete(id, { cluster }, { clients: { ecs } }) {
    const gone = ['ServiceNotFoundException', 'ClusterNotFoundException', 'ServiceNotActiveException'];
    await unlessGone(
      ecs.send(new DeleteServiceCommand({ service: id, cluster: cluster as string, force: true })),
      ...gone,
    );
    await waitFor(async () => (await findService(ecs, cluster as string, id)) === undefined, `${id} to be inactive`);
  },
};

async function findService(ecs: ECSClient, cluster: string, name: string) {
  const asked = ecs.send(new DescribeServicesCommand({ cluster, services: [name], include: ['TAGS'] }));
  const found = await unlessGone(asked, 'ClusterNotFoundException', 'ServiceNotFoundException');
  return found?.services?.find(({ status }) => status !== 'INACTIVE');
}

/** `arn:…:service/CLUSTER/NAME` */
function clusterOf(arn: string): string {
  return arn.split('/').at(-2) ?? '';
}
