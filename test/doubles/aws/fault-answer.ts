import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AwsFault, writeXml } from './query-protocol.ts';

/** An error as a service of AWS puts it on the wire. */
export interface FaultAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** What each service says of too many calls, where it is not `Throttling`. */
const THROTTLED: Record<string, [code: string, status: number]> = {
  ec2: ['RequestLimitExceeded', 503],
  ecs: ['ThrottlingException', 400],
  lambda: ['TooManyRequestsException', 429],
  logs: ['ThrottlingException', 400],
  secretsmanager: ['ThrottlingException', 400],
  ssm: ['ThrottlingException', 400],
};

/** @param service as a signature names it: `elasticloadbalancing`, `ecs` */
export function createThrottling(service: string): AwsFault {
  const [code, status] = THROTTLED[service] ?? ['Throttling', 400];
  return new AwsFault(code, 'Rate exceeded', status);
}

/** In the protocol of the request: a client cannot read another one's errors. */
export function writeFault({ headers }: Pick<IncomingMessage, 'headers'>, fault: AwsFault): FaultAnswer {
  const { code, message, status } = fault;
  if (headers['x-amz-target'] !== undefined) {
    const body = JSON.stringify({ __type: code, message });
    return { status, headers: { 'content-type': 'application/x-amz-json-1.1' }, body };
  }
  if (!(headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false)) {
    const body = JSON.stringify({ message });
    return { status, headers: { 'content-type': 'application/json', 'x-amzn-errortype': code }, body };
  }
  return { status, headers: { 'content-type': 'text/xml' }, body: writeQueryFault(fault, isOfEc2(headers)) };
}

function isOfEc2({ authorization = '' }: IncomingMessage['headers']): boolean {
  return authorization.includes('/ec2/aws4_request');
}

function writeQueryFault({ code, message, status }: AwsFault, isEc2: boolean): string {
  if (isEc2) {
    const error = { Error: { Code: code, Message: message } };
    return writeXml('Response', { Errors: error, RequestID: randomUUID() });
  }
  const error = { Type: status < 500 ? 'Sender' : 'Receiver', Code: code, Message: message };
  return writeXml('ErrorResponse', { Error: error, RequestId: randomUUID() });
}
