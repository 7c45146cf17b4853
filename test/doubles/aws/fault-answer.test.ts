import assert from 'node:assert/strict';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeLaunchTemplatesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient, ListClustersCommand } from '@aws-sdk/client-ecs';
import { DescribeRulesCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createThrottling, writeFault } from './fault-answer.ts';

describe('an error of the front', () => {
  let server: Server;
  let endpoint = '';

  beforeEach(async () => {
    server = createServer((request, reply) => {
      const service = /\/([\w-]+)\/aws4_request/.exec(request.headers.authorization ?? '')?.[1] ?? '';
      const { status, headers, body } = writeFault(request, createThrottling(service));
      reply.writeHead(status, headers).end(body);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => void server.close());

  const options = () => ({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  });
  const CALLS: [service: string, call: () => Promise<unknown>, name: string][] = [
    ['ELB', () => new ElasticLoadBalancingV2Client(options()).send(new DescribeRulesCommand({})), 'Throttling'],
    ['ASG', () => new AutoScalingClient(options()).send(new DescribeAutoScalingGroupsCommand({})), 'Throttling'],
    ['EC2', () => new EC2Client(options()).send(new DescribeLaunchTemplatesCommand({})), 'RequestLimitExceeded'],
    ['ECS', () => new ECSClient(options()).send(new ListClustersCommand({})), 'ThrottlingException'],
    ['logs', () => new CloudWatchLogsClient(options()).send(new DescribeLogGroupsCommand({})), 'ThrottlingException'],
    ['Lambda', () => new LambdaClient(options()).send(new ListFunctionsCommand({})), 'TooManyRequestsException'],
  ];
  for (const [service, call, name] of CALLS) {
    it(`is one of ${service} to its client`, async () => {
      await assert.rejects(call(), { name, message: 'Rate exceeded' });
    });
  }
});
