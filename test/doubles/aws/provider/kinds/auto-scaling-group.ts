import {
  type AutoScalingClient,
  type AutoScalingGroup,
  CreateAutoScalingGroupCommand,
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import type { JsonObject } from '../../../../../src/domain/json.ts';
import { type ResourceKind, waitFor } from '../kind.ts';

interface GroupTag {
  key: string;
  value: string;
  propagateAtLaunch: boolean;
}

/** `aws_autoscaling_group`. The provider's default tags do not reach it: it has a list of its own. */
export const autoScalingGroupKind: ResourceKind = {
  type: 'aws:autoscaling/group:Group',
  fixed: ['name', 'namePrefix'],
  computed: ['arn'],
  async create(inputs, { clients: { autoscaling } }) {
    const name = inputs.name as string;
    if (await find(autoscaling, name)) {
      throw new Error(
        `AlreadyExists: AutoScalingGroup by this name already exists - A group with the name ${name} already exists`,
      );
    }
    await autoscaling.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: name,
        ...toSettings(inputs),
        TargetGroupARNs: inputs.targetGroupArns as string[],
        Tags: ((inputs.tags as unknown as GroupTag[] | undefined) ?? []).map(({ key, value, propagateAtLaunch }) => ({
          Key: key,
          Value: value,
          PropagateAtLaunch: propagateAtLaunch,
        })),
      }),
    );
    return name;
  },
  async read(id, { clients: { autoscaling } }) {
    const group = await find(autoscaling, id);
    return group && { id, state: describe(group) };
  },
  async update(id, news, { clients: { autoscaling } }) {
    await autoscaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: id, ...toSettings(news) }));
  },
  /** Without `forceDelete` the plugin lets the group run empty first; with it, AWS ends the instances itself. */
  async delete(id, { forceDelete }, { clients: { autoscaling } }) {
    if (!(await find(autoscaling, id))) return;
    if (forceDelete !== true) {
      const none = { MinSize: 0, MaxSize: 0, DesiredCapacity: 0 };
      await autoscaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: id, ...none }));
      await waitFor(async () => ((await find(autoscaling, id))?.Instances ?? []).length === 0, `${id} to be drained`);
    }
    await autoscaling.send(
      new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: id, ForceDelete: forceDelete === true }),
    );
    await waitFor(async () => (await find(autoscaling, id)) === undefined, `${id} to be deleted`);
  },
};

async function find(autoscaling: AutoScalingClient, name: string): Promise<AutoScalingGroup | undefined> {
  const { AutoScalingGroups } = await autoscaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
  );
  return AutoScalingGroups?.[0];
}

function toSettings(inputs: JsonObject) {
  const { id, version } = inputs.launchTemplate as { id: string; version?: string };
  return {
    LaunchTemplate: { LaunchTemplateId: id, Version: version ?? '$Default' },
    MinSize: inputs.minSize as number,
    MaxSize: inputs.maxSize as number,
    ...(inputs.desiredCapacity === undefined ? {} : { DesiredCapacity: inputs.desiredCapacity as number }),
    VPCZoneIdentifier: (inputs.vpcZoneIdentifiers as string[]).join(','),
    HealthCheckType: inputs.healthCheckType as string,
    HealthCheckGracePeriod: inputs.healthCheckGracePeriod as number,
    ...(inputs.defaultInstanceWarmup === undefined
      ? {}
      : { DefaultInstanceWarmup: inputs.defaultInstanceWarmup as number }),
  };
}

function describe(group: AutoScalingGroup): object {
  const { LaunchTemplate: template } = group;
  return {
    arn: group.AutoScalingGroupARN,
    name: group.AutoScalingGroupName,
    launchTemplate: { id: template?.LaunchTemplateId, name: template?.LaunchTemplateName, version: template?.Version },
    minSize: group.MinSize,
    maxSize: group.MaxSize,
    desiredCapacity: group.DesiredCapacity,
    vpcZoneIdentifiers: (group.VPCZoneIdentifier ?? '').split(',').filter((subnet) => subnet !== ''),
    targetGroupArns: group.TargetGroupARNs ?? [],
    healthCheckType: group.HealthCheckType,
    healthCheckGracePeriod: group.HealthCheckGracePeriod,
    tags: (group.Tags ?? []).map(({ Key, Value, PropagateAtLaunch }) => ({
      key: Key,
      value: Value,
      propagateAtLaunch: PropagateAtLaunch,
    })),
  };
}
