import type { ServiceImpl } from '@connectrpc/connect';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type {
  AuditService,
  ExportAuditEventsRequest,
  ListAuditEventsRequest,
} from '../../contract/gen/supplant/v1/audit_pb.ts';
import { type Call, type Gateway, handleStreaming, handleUnary } from '../call.ts';
import { toEvent, toVerification } from '../../contract/convert/audit.ts';
import { Faults } from '../faults.ts';
import { type PageLimits, readPage, writeToken } from '../pages.ts';
import { readEvents } from '../watch/pages.ts';
import { readFilter } from './audit-filter.ts';
import { readSequence, streamAudit } from './watch.ts';

const PAGES: PageLimits = { usual: 100, most: 1000 };

/** Characters in one message of an export: well below what clients take. */
const CHUNK = 256 * 1024;

export function createAuditHandlers(gateway: Gateway): ServiceImpl<typeof AuditService> {
  return {
    listAuditEvents: handleUnary(gateway, listAuditEvents),
    watchAuditEvents: handleStreaming(gateway, streamAudit),
    exportAuditEvents: handleStreaming(gateway, exportAuditEvents),
    verifyAuditChain: handleUnary(gateway, async (_request: object, call) =>
      toVerification(await call.to('audit').verifyAudit()),
    ),
  };
}

async function listAuditEvents(request: ListAuditEventsRequest, call: Call) {
  const faults = new Faults();
  const wanted = readFilter(faults, request);
  const from = readSequence(faults, request.afterSequence);
  const of = `events ${request.service} ${request.rollout} ${from}`;
  const { size, after } = readPage(faults, request, of, PAGES);
  const { service, filter } = faults.settle(wanted);
  const backend = call.to(service ? 'view' : 'audit', service);
  const afterSeq = after === undefined ? from : Number(after);
  const events = await backend.auditEvents({ ...filter, afterSeq, limit: size + 1 });
  const page = events.slice(0, size);
  const last = events.length > size ? page.at(-1) : undefined;
  return { events: page.map(toEvent), nextPageToken: last ? writeToken(of, String(last.seq)) : '' };
}

async function* exportAuditEvents(_request: ExportAuditEventsRequest, call: Call) {
  const backend = call.to('audit');
  let [lines, length] = [[] as string[], 0];
  for await (const event of readEvents(backend.auditEvents.bind(backend), {})) {
    call.signal.throwIfAborted();
    const line = canonicalJson(event);
    lines.push(line);
    length += line.length;
    if (length < CHUNK) continue;
    yield { lines };
    [lines, length] = [[], 0];
  }
  if (lines.length > 0) yield { lines };
}
