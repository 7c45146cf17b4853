import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  DeleteInstanceProfileCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  GetInstanceProfileCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  PutRolePolicyCommand,
  RemoveRoleFromInstanceProfileCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { fromTagList, type ResourceKind, toTagList, unlessGone } from '../kind.ts';

const GONE = ['NoSuchEntityException', 'NoSuchEntity'];

export const roleKind: ResourceKind = {
  type: 'aws:iam/role:Role',
  fixed: ['name', 'namePrefix', 'path'],
  computed: ['arn', 'uniqueId', 'createDate', 'tagsAll'],
  async create(inputs, { clients: { iam }, allTags }) {
    const { Role } = await iam.send(
      new CreateRoleCommand({
        RoleName: inputs.name as string,
        AssumeRolePolicyDocument: asText(inputs.assumeRolePolicy),
        ...(inputs.description === undefined ? {} : { Description: inputs.description as string }),
        Tags: toTagList(allTags(inputs)),
      }),
    );
    return Role?.RoleName ?? '';
  },
  async read(id, { clients: { iam } }) {
    const role = (await unlessGone(iam.send(new GetRoleCommand({ RoleName: id })), ...GONE))?.Role;
    if (!role) return undefined;
    const assumeRolePolicy = decodeURIComponent(role.AssumeRolePolicyDocument ?? '');
    const state = { arn: role.Arn, name: role.RoleName, path: role.Path, uniqueId: role.RoleId, assumeRolePolicy };
    return { id, tags: fromTagList(role.Tags), state };
  },
  async update(id, news, { clients: { iam } }) {
    const PolicyDocument = asText(news.assumeRolePolicy);
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: id, PolicyDocument }));
  },
  async delete(id, _inputs, { clients: { iam } }) {
    await unlessGone(iam.send(new DeleteRoleCommand({ RoleName: id })), ...GONE);
  },
};

/** `aws_iam_role_policy`: a policy within a role. Putting it again is no error in AWS. Its id is `ROLE:NAME`. */
export const rolePolicyKind: ResourceKind = {
  type: 'aws:iam/rolePolicy:RolePolicy',
  fixed: ['name', 'namePrefix', 'role'],
  computed: [],
  async create({ role, name, policy }, { clients: { iam } }) {
    const [RoleName, PolicyName] = [role as string, name as string];
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: asText(policy) }));
    return `${RoleName}:${PolicyName}`;
  },
  async read(id, { clients: { iam } }) {
    const [RoleName = '', PolicyName = ''] = id.split(':');
    const found = await unlessGone(iam.send(new GetRolePolicyCommand({ RoleName, PolicyName })), ...GONE);
    if (!found) return undefined;
    return { id, state: { role: RoleName, name: PolicyName, policy: decodeURIComponent(found.PolicyDocument ?? '') } };
  },
  async update(id, { policy }, { clients: { iam } }) {
    const [RoleName = '', PolicyName = ''] = id.split(':');
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: asText(policy) }));
  },
  async delete(id, _inputs, { clients: { iam } }) {
    const [RoleName = '', PolicyName = ''] = id.split(':');
    await unlessGone(iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })), ...GONE);
  },
};

export const instanceProfileKind: ResourceKind = {
  type: 'aws:iam/instanceProfile:InstanceProfile',
  fixed: ['name', 'namePrefix', 'path'],
  computed: ['arn', 'uniqueId', 'createDate', 'tagsAll'],
  async create(inputs, { clients: { iam }, allTags }) {
    const InstanceProfileName = inputs.name as string;
    await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName, Tags: toTagList(allTags(inputs)) }));
    await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName: inputs.role as string }));
    return InstanceProfileName;
  },
  async read(id, { clients: { iam } }) {
    const asked = iam.send(new GetInstanceProfileCommand({ InstanceProfileName: id }));
    const profile = (await unlessGone(asked, ...GONE))?.InstanceProfile;
    if (!profile) return undefined;
    const state = {
      arn: profile.Arn,
      name: profile.InstanceProfileName,
      path: profile.Path,
      role: profile.Roles?.[0]?.RoleName,
    };
    return { id, tags: fromTagList(profile.Tags), state };
  },
  async delete(id, { role }, { clients: { iam } }) {
    const remove = { InstanceProfileName: id, RoleName: role as string };
    await unlessGone(iam.send(new RemoveRoleFromInstanceProfileCommand(remove)), ...GONE);
    await unlessGone(iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName: id })), ...GONE);
  },
};

function asText(document: unknown): string {
  return typeof document === 'string' ? document : JSON.stringify(document);
}
