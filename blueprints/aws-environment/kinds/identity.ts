import {
  DeleteInstanceProfileCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  GetInstanceProfileCommand,
  GetRoleCommand,
  ListRolePoliciesCommand,
  RemoveRoleFromInstanceProfileCommand,
} from '@aws-sdk/client-iam';
import { type CloudKind, unlessGone } from '../../aws/kind.ts';
import { formatAwsName } from '../../aws/names.ts';

const GONE = ['NoSuchEntityException', 'NoSuchEntity'];
/** Who may do what: instances, tasks and functions; and ECS for them. */
export const ROLES = ['instance', 'task', 'execution'] as const;

export const roles: CloudKind = {
  type: 'aws:iam/role:Role',
  several: true,
  async find(stack, { iam }) {
    const found = await Promise.all(
      ROLES.map(async (name) => {
        const RoleName = `${formatAwsName(stack)}-${name}`;
        const role = (await unlessGone(iam.send(new GetRoleCommand({ RoleName })), ...GONE))?.Role;
        return role ? [{ id: RoleName, importId: RoleName, name, label: `role ${RoleName}` }] : [];
      }),
    );
    return found.flat();
  },
  async remove({ id: RoleName }, { iam }) {
    const within = await unlessGone(iam.send(new ListRolePoliciesCommand({ RoleName })), ...GONE);
    for (const PolicyName of within?.PolicyNames ?? []) {
      await unlessGone(iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })), ...GONE);
    }
    await unlessGone(iam.send(new DeleteRoleCommand({ RoleName })), ...GONE);
  },
};

export const instanceProfiles: CloudKind = {
  type: 'aws:iam/instanceProfile:InstanceProfile',
  async find(stack, { iam }) {
    const InstanceProfileName = formatAwsName(stack);
    const asked = iam.send(new GetInstanceProfileCommand({ InstanceProfileName }));
    const found = (await unlessGone(asked, ...GONE))?.InstanceProfile;
    return found
      ? [{ id: InstanceProfileName, importId: InstanceProfileName, label: `instance profile ${InstanceProfileName}` }]
      : [];
  },
  async remove({ id: InstanceProfileName }, { iam }) {
    const asked = iam.send(new GetInstanceProfileCommand({ InstanceProfileName }));
    for (const { RoleName } of (await unlessGone(asked, ...GONE))?.InstanceProfile?.Roles ?? []) {
      await unlessGone(iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName })), ...GONE);
    }
    await unlessGone(iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName })), ...GONE);
  },
};
