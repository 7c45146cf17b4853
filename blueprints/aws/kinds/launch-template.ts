import { DeleteLaunchTemplateCommand, DescribeLaunchTemplatesCommand, type LaunchTemplate } from '@aws-sdk/client-ec2';
import { type CloudKind, type FoundResource, fromTagList, readPages, unlessGone } from '../kind.ts';
import { formatAwsName, readTags, TAG } from '../names.ts';

const GONE = [
  'InvalidLaunchTemplateId.NotFound',
  'InvalidLaunchTemplateId.NotFoundException',
  'InvalidLaunchTemplateName.NotFoundException',
];

export const launchTemplates: CloudKind = {
  type: 'aws:ec2/launchTemplate:LaunchTemplate',
  async find(stack, { ec2 }) {
    const asked = ec2.send(new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: [formatAwsName(stack)] }));
    return ((await unlessGone(asked, ...GONE))?.LaunchTemplates ?? []).map(toFound);
  },
  async list({ ec2 }) {
    const templates = await readPages(async (NextToken) => {
      const asked = new DescribeLaunchTemplatesCommand({
        Filters: [{ Name: 'tag-key', Values: [TAG.stack] }],
        NextToken,
      });
      const { LaunchTemplates = [], NextToken: next } = await ec2.send(asked);
      return { items: LaunchTemplates, next };
    });
    return templates.flatMap((template) => {
      const stack = readTags(fromTagList(template.Tags));
      return stack ? [{ ...toFound(template), stack }] : [];
    });
  },
  async remove({ id }, { ec2 }) {
    await unlessGone(ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId: id })), ...GONE);
  },
};

function toFound({ LaunchTemplateId: id = '', LaunchTemplateName = '' }: LaunchTemplate): FoundResource {
  return { id, importId: id, label: `launch template ${LaunchTemplateName}` };
}
