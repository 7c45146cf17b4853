import {
  AddPermissionCommand,
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  GetPolicyCommand,
  type LambdaClient,
  RemovePermissionCommand,
} from '@aws-sdk/client-lambda';
import { type ResourceKind, unlessGone, waitFor } from '../kind.ts';

const GONE = ['ResourceNotFoundException'];

/** `aws_lambda_function`. Its id is its name. */
export const functionKind: ResourceKind = {
  type: 'aws:lambda/function:Function',
  fixed: ['name', 'packageType'],
  computed: ['arn', 'invokeArn', 'qualifiedArn', 'version', 'codeSha256', 'lastModified', 'tagsAll'],
  async create(inputs, { clients: { lambda }, allTags }) {
    const FunctionName = inputs.name as string;
    const environment = inputs.environment as { variables?: Record<string, string> } | undefined;
    const logging = inputs.loggingConfig as { logFormat: string; logGroup?: string } | undefined;
    const vpc = inputs.vpcConfig as { subnetIds: string[]; securityGroupIds: string[] } | undefined;
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName,
        PackageType: (inputs.packageType as 'Zip' | 'Image' | undefined) ?? 'Zip',
        Role: inputs.role as string,
        Code: {
          S3Bucket: inputs.s3Bucket as string,
          S3Key: inputs.s3Key as string,
          S3ObjectVersion: inputs.s3ObjectVersion as string,
          ImageUri: inputs.imageUri as string,
        },
        Handler: inputs.handler as string,
        Runtime: inputs.runtime as 'nodejs22.x',
        MemorySize: inputs.memorySize as number,
        Timeout: inputs.timeout as number,
        ...(inputs.architectures === undefined ? {} : { Architectures: inputs.architectures as ['arm64'] }),
        ...(environment?.variables ? { Environment: { Variables: environment.variables } } : {}),
        ...(logging ? { LoggingConfig: { LogFormat: logging.logFormat as 'JSON', LogGroup: logging.logGroup } } : {}),
        ...(vpc ? { VpcConfig: { SubnetIds: vpc.subnetIds, SecurityGroupIds: vpc.securityGroupIds } } : {}),
        Tags: allTags(inputs),
      }),
    );
    await waitFor(
      async () => (await find(lambda, FunctionName))?.Configuration?.State !== 'Pending',
      `${FunctionName} to be active`,
    );
    return FunctionName;
  },
  async read(id, { clients: { lambda } }) {
    const found = await find(lambda, id);
    const made = found?.Configuration;
    if (!made) return undefined;
    const variables = made.Environment?.Variables;
    const state = {
      arn: made.FunctionArn,
      name: made.FunctionName,
      packageType: made.PackageType,
      role: made.Role,
      handler: made.Handler,
      runtime: made.Runtime,
      memorySize: made.MemorySize,
      timeout: made.Timeout,
      version: made.Version,
      codeSha256: made.CodeSha256,
      ...(variables ? { environment: { variables } } : {}),
    };
    return { id, tags: found.Tags, state };
  },
  async delete(id, _inputs, { clients: { lambda } }) {
    await unlessGone(lambda.send(new DeleteFunctionCommand({ FunctionName: id })), ...GONE);
  },
};

interface Statement {
  Sid: string;
  Action: string;
  Principal: { Service?: string } | string;
  Condition?: { ArnLike?: Record<string, string> };
}

/** `aws_lambda_permission`. Its id is the statement's; it is imported by `FUNCTION/STATEMENT`. */
export const permissionKind: ResourceKind = {
  type: 'aws:lambda/permission:Permission',
  fixed: ['statementId', 'action', 'function', 'principal', 'sourceArn', 'qualifier'],
  computed: [],
  async create({ statementId, action, function: FunctionName, principal, sourceArn }, { clients: { lambda } }) {
    await lambda.send(
      new AddPermissionCommand({
        StatementId: statementId as string,
        Action: action as string,
        FunctionName: FunctionName as string,
        Principal: principal as string,
        SourceArn: sourceArn as string,
      }),
    );
    return statementId as string;
  },
  async read(id, { clients: { lambda } }, inputs) {
    const [FunctionName = '', statementId = ''] = id.includes('/') ? id.split('/') : [inputs.function as string, id];
    const found = await unlessGone(lambda.send(new GetPolicyCommand({ FunctionName })), ...GONE);
    const { Statement: statements = [] } = JSON.parse(found?.Policy ?? '{}') as { Statement?: Statement[] };
    const statement = statements.find(({ Sid }) => Sid === statementId);
    if (!statement) return undefined;
    const principal = typeof statement.Principal === 'string' ? statement.Principal : statement.Principal.Service;
    const sourceArn = Object.entries(statement.Condition?.ArnLike ?? {}).find(([key]) =>
      /^aws:sourcearn$/i.test(key),
    )?.[1];
    const state = {
      statementId,
      action: statement.Action,
      function: FunctionName,
      principal,
      ...(sourceArn === undefined ? {} : { sourceArn }),
    };
    return { id: statementId, state };
  },
  async delete(id, { function: FunctionName }, { clients: { lambda } }) {
    const remove = new RemovePermissionCommand({ FunctionName: FunctionName as string, StatementId: id });
    await unlessGone(lambda.send(remove), ...GONE);
  },
};

async function find(lambda: LambdaClient, FunctionName: string) {
  return unlessGone(lambda.send(new GetFunctionCommand({ FunctionName })), ...GONE);
}
