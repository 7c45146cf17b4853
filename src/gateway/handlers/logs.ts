import type { ServiceImpl } from '@connectrpc/connect';
import { DEFAULT_LOG_LINES, type LogQuery, MOST_LOG_LINES } from '../../domain/logs.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import type { LogService, ReadLogsRequest } from '../../contract/gen/supplant/v1/logs_pb.ts';
import { type Call, type Gateway, handleStreaming } from '../call.ts';
import { omitUndefined } from '../../contract/convert/given.ts';
import { toLogPart } from '../../contract/convert/logs.ts';
import { Faults } from '../faults.ts';
import { type Parsed, parseRevisionName, parseServiceName } from '../../contract/names.ts';
import { StreamLife } from './stream-life.ts';

export function createLogHandlers(gateway: Gateway): ServiceImpl<typeof LogService> {
  return { readLogs: handleStreaming(gateway, readLogs) };
}

async function* readLogs(request: ReadLogsRequest, call: Call) {
  const faults = new Faults();
  const parsed = parseSubject(request.name);
  if (!parsed.ok) faults.expected('name', parsed.wanted, request.name);
  const { lines = DEFAULT_LOG_LINES, follow } = request;
  if (lines < 0 || lines > MOST_LOG_LINES) {
    faults.expected('lines', `a number from 0 to ${MOST_LOG_LINES}`, String(lines));
  }
  const { service, number } = faults.settle(parsed.ok ? parsed.value : undefined);
  const backend = call.to('logs', service);
  using life = await StreamLife.of(call, { permission: 'logs', service, endsWithCredentials: true });
  const query: LogQuery = { lines, follow, ...omitUndefined({ revision: number }) };
  for await (const part of backend.logs(service, query, life.signal)) yield toLogPart(service, part);
  life.end();
}

/** A service, or one of its revisions. */
function parseSubject(name: string): Parsed<{ service: ServiceKey; number?: number }> {
  if (name.includes('/revisions/')) return parseRevisionName(name);
  const service = parseServiceName(name);
  return service.ok ? { ok: true, value: { service: service.value } } : service;
}
