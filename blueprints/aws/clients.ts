import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient } from '@aws-sdk/client-ecs';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';

/** Where a stack lives, and as whom it is made. */
export interface AwsPlace {
  region: string;
  /** ARN of a role to assume; whoever the standard chain of credentials finds, unless told. */
  role?: string | undefined;
}

/** What kinds of resources ask AWS with. Each connects when it is first used. */
export interface AwsClients {
  autoscaling: AutoScalingClient;
  ec2: EC2Client;
  ecs: ECSClient;
  elb: ElasticLoadBalancingV2Client;
  iam: IAMClient;
  lambda: LambdaClient;
  logs: CloudWatchLogsClient;
  close(): void;
}

/** How long credentials of an assumed role last, in seconds: the least that AWS gives. */
const SESSION_SECONDS = 900;

export function openClients({ region, role }: AwsPlace): AwsClients {
  const settings = {
    region,
    // Looks at many resources at once are told to slow down; the SDK knows how.
    retryMode: 'adaptive',
    maxAttempts: 8,
    ...(role === undefined ? {} : { credentials: async () => assumeRole(region, role) }),
  };
  const clients = {
    autoscaling: new AutoScalingClient(settings),
    ec2: new EC2Client(settings),
    ecs: new ECSClient(settings),
    elb: new ElasticLoadBalancingV2Client(settings),
    iam: new IAMClient(settings),
    lambda: new LambdaClient(settings),
    logs: new CloudWatchLogsClient(settings),
  };
  return {
    ...clients,
    close() {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}

async function assumeRole(region: string, role: string) {
  const sts = new STSClient({ region });
  try {
    const { Credentials: given } = await sts.send(
      new AssumeRoleCommand({ RoleArn: role, RoleSessionName: 'supplant', DurationSeconds: SESSION_SECONDS }),
    );
    if (!given?.AccessKeyId || !given.SecretAccessKey)
      throw new Error(`${role} cannot be assumed: no credentials came`);
    return {
      accessKeyId: given.AccessKeyId,
      secretAccessKey: given.SecretAccessKey,
      ...(given.SessionToken === undefined ? {} : { sessionToken: given.SessionToken }),
      ...(given.Expiration === undefined ? {} : { expiration: given.Expiration }),
    };
  } finally {
    sts.destroy();
  }
}
