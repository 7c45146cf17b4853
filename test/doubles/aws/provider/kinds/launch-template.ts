import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DeleteLaunchTemplateCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  type RequestLaunchTemplateData,
  type ResponseLaunchTemplateData,
} from '@aws-sdk/client-ec2';
import type { JsonObject } from '../../../../../src/domain/json.ts';
import { fromTagList, type ResourceKind, toTagList, unlessGone } from '../kind.ts';

const GONE = [
  'InvalidLaunchTemplateId.NotFound',
  'InvalidLaunchTemplateId.NotFoundException',
  'InvalidLaunchTemplateName.NotFoundException',
];

interface MetadataOptions {
  httpTokens?: string;
  httpEndpoint?: string;
  httpPutResponseHopLimit?: number;
}

interface TagSpecification {
  resourceType: string;
  tags: Record<string, string>;
}

/** `aws_launch_template`: each change is a new version of the same template. */
export const launchTemplateKind: ResourceKind = {
  type: 'aws:ec2/launchTemplate:LaunchTemplate',
  fixed: ['name', 'namePrefix'],
  filledIn: ['defaultVersion'],
  computed: ['arn', 'latestVersion', 'tagsAll'],
  renewed: ['latestVersion'],
  async create(inputs, { clients: { ec2 }, allTags }) {
    const { LaunchTemplate } = await ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: inputs.name as string,
        LaunchTemplateData: toData(inputs),
        TagSpecifications: [{ ResourceType: 'launch-template', Tags: toTagList(allTags(inputs)) }],
      }),
    );
    return LaunchTemplate?.LaunchTemplateId ?? '';
  },
  async read(id, { clients: { ec2 } }) {
    const found = await unlessGone(ec2.send(new DescribeLaunchTemplatesCommand({ LaunchTemplateIds: [id] })), ...GONE);
    const template = found?.LaunchTemplates?.[0];
    if (!template) return undefined;
    const { LaunchTemplateVersions } = await ec2.send(
      new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: id, Versions: ['$Latest'] }),
    );
    const state = {
      arn: `arn:aws:ec2:::launch-template/${id}`,
      name: template.LaunchTemplateName,
      latestVersion: template.LatestVersionNumber,
      defaultVersion: template.DefaultVersionNumber,
      ...fromData(LaunchTemplateVersions?.[0]?.LaunchTemplateData ?? {}),
    };
    return { id, tags: fromTagList(template.Tags), state };
  },
  async update(id, news, { clients: { ec2 } }) {
    await ec2.send(new CreateLaunchTemplateVersionCommand({ LaunchTemplateId: id, LaunchTemplateData: toData(news) }));
  },
  async delete(id, _inputs, { clients: { ec2 } }) {
    await unlessGone(ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId: id })), ...GONE);
  },
};

function toData(inputs: JsonObject): RequestLaunchTemplateData {
  const metadata = inputs.metadataOptions as MetadataOptions | undefined;
  const profile = inputs.iamInstanceProfile as { arn?: string; name?: string } | undefined;
  const specifications = (inputs.tagSpecifications as TagSpecification[] | undefined) ?? [];
  return {
    ImageId: inputs.imageId as string,
    InstanceType: inputs.instanceType as 't3.micro',
    ...(inputs.userData === undefined ? {} : { UserData: inputs.userData as string }),
    ...(inputs.keyName === undefined ? {} : { KeyName: inputs.keyName as string }),
    SecurityGroupIds: inputs.vpcSecurityGroupIds as string[],
    ...(profile ? { IamInstanceProfile: { Name: profile.name, Arn: profile.arn } } : {}),
    ...(metadata
      ? {
          MetadataOptions: {
            HttpTokens: metadata.httpTokens as 'required',
            HttpEndpoint: metadata.httpEndpoint as 'enabled',
            HttpPutResponseHopLimit: metadata.httpPutResponseHopLimit,
          },
        }
      : {}),
    TagSpecifications: specifications.map(({ resourceType, tags }) => ({
      ResourceType: resourceType as 'instance',
      Tags: toTagList(tags),
    })),
  };
}

function fromData(data: ResponseLaunchTemplateData): object {
  const { MetadataOptions: metadata, IamInstanceProfile: profile } = data;
  return {
    imageId: data.ImageId,
    instanceType: data.InstanceType,
    userData: data.UserData,
    keyName: data.KeyName,
    vpcSecurityGroupIds: data.SecurityGroupIds ?? [],
    ...(profile ? { iamInstanceProfile: { name: profile.Name, arn: profile.Arn } } : {}),
    ...(metadata
      ? {
          metadataOptions: {
            httpTokens: metadata.HttpTokens,
            httpEndpoint: metadata.HttpEndpoint,
            httpPutResponseHopLimit: metadata.HttpPutResponseHopLimit,
          },
        }
      : {}),
    tagSpecifications: (data.TagSpecifications ?? []).filter(isOfInstances).map(({ ResourceType, Tags }) => ({
      resourceType: ResourceType,
      tags: fromTagList(Tags),
    })),
  };
}

/** moto shows the template's own tags among those that it gives to instances. */
function isOfInstances({ ResourceType }: { ResourceType?: string | undefined }): boolean {
  return ResourceType !== 'launch-template';
}
