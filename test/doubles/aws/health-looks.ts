import { request } from 'node:http';
import type { Endpoint } from '../../../src/domain/service/revision.ts';
import { type QueryFields, textOf } from './query-protocol.ts';

/** How one target is looked at. */
export interface Look {
  endpoint: Endpoint;
  path: string;
  timeoutMs: number;
  /** What a status has to be: `200`, `200,302`, `200-299`. */
  accepted: string;
}

/** The terms of a group's health check, with the durations of this machine. */
export function readTerms(group: QueryFields, secondMs: number) {
  return {
    healthyThreshold: Number(textOf(group.HealthyThresholdCount) || 5),
    unhealthyThreshold: Number(textOf(group.UnhealthyThresholdCount) || 2),
    intervalMs: Number(textOf(group.HealthCheckIntervalSeconds) || 30) * secondMs,
    timeoutMs: Number(textOf(group.HealthCheckTimeoutSeconds) || 5) * 1_000,
    path: textOf(group.HealthCheckPath) || '/',
    port: textOf(group.HealthCheckPort),
    accepted: readMatcher(group),
  };
}

function readMatcher({ Matcher }: QueryFields): string {
  const isFields = typeof Matcher === 'object' && !Array.isArray(Matcher);
  return (isFields ? textOf(Matcher.HttpCode) : '') || '200';
}

/** Whether the target answers with a status that is accepted. */
export function lookAt({ endpoint, path, timeoutMs, accepted }: Look): Promise<boolean> {
  return new Promise((resolve) => {
    const look = request({
      ...endpoint,
      path,
      timeout: timeoutMs,
      agent: false,
      headers: { 'user-agent': 'ELB-HealthChecker/2.0' },
    });
    look.on('response', (answer) => {
      answer.resume();
      resolve(accepts(accepted, answer.statusCode ?? 0));
    });
    look.on('timeout', () => look.destroy());
    look.on('error', () => resolve(false));
    look.end();
  });
}

function accepts(accepted: string, status: number): boolean {
  return accepted.split(',').some((part) => {
    const [from, to = from] = part.split('-').map(Number);
    return status >= (from ?? 0) && status <= (to ?? 0);
  });
}
