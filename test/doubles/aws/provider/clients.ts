import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient } from '@aws-sdk/client-ecs';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient } from '@aws-sdk/client-lambda';

/** What the clients of a test have in common, beside the region: where AWS is, and as whom it is asked. */
export interface ClientSettings {
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
}

/** The AWS SDK's clients. */
export interface AwsClients {
  autoscaling: AutoScalingClient;
  ec2: EC2Client;
  ecs: ECSClient;
  elb: ElasticLoadBalancingV2Client;
  iam: IAMClient;
  lambda: LambdaClient;
  logs: CloudWatchLogsClient;
}

export function createAwsClients(region: string, settings: ClientSettings): AwsClients {
  const all = { ...settings, region };
  return {
    autoscaling: new AutoScalingClient(all),
    ec2: new EC2Client(all),
    ecs: new ECSClient(all),
    elb: new ElasticLoadBalancingV2Client(all),
    iam: new IAMClient(all),
    lambda: new LambdaClient(all),
    logs: new CloudWatchLogsClient(all),
  };
}
