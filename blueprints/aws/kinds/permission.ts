import { GetPolicyCommand, RemovePermissionCommand } from '@aws-sdk/client-lambda';
import { type CloudKind, unlessGone } from '../kind.ts';
import { formatAwsName } from '../names.ts';

const GONE = ['ResourceNotFoundException'];

/** The one statement by which a load balancer may call a function. */
export const STATEMENT = 'load-balancer';

/** A part of the function, and gone with it. */
export const permissions: CloudKind = {
  type: 'aws:lambda/permission:Permission',
  async find(stack, { lambda }) {
    const FunctionName = formatAwsName(stack);
    const policy = (await unlessGone(lambda.send(new GetPolicyCommand({ FunctionName })), ...GONE))?.Policy;
    const { Statement = [] } = JSON.parse(policy ?? '{}') as { Statement?: { Sid?: string }[] };
    if (Statement.every(({ Sid }) => Sid !== STATEMENT)) return [];
    return [
      { id: FunctionName, importId: `${FunctionName}/${STATEMENT}`, label: `permission to call ${FunctionName}` },
    ];
  },
  async remove({ id }, { lambda }) {
    const remove = new RemovePermissionCommand({ FunctionName: id, StatementId: STATEMENT });
    await unlessGone(lambda.send(remove), ...GONE);
  },
};
