import type { ServiceImpl } from '@connectrpc/connect';
import { toReport } from '../../contract/convert/reaper.ts';
import type {
  GetReaperReportRequest,
  ReaperService,
  RunReaperRequest,
} from '../../contract/gen/supplant/v1/reaper_pb.ts';
import { type Call, type Gateway, handleUnary } from '../call.ts';
import { Faults } from '../faults.ts';
import { readChange } from '../requests.ts';

/** What is asked of the reaper is asked about every stack there is, so it takes a role on all services. */
export function createReaperHandlers(gateway: Gateway): ServiceImpl<typeof ReaperService> {
  return {
    getReaperReport: handleUnary(gateway, getReaperReport),
    runReaper: handleUnary(gateway, runReaper),
  };
}

async function getReaperReport({ includeOwned }: GetReaperReportRequest, call: Call) {
  return toReport(await call.to('view').reaper.report({ includeOwned }));
}

async function runReaper(request: RunReaperRequest, call: Call) {
  const faults = new Faults();
  const change = readChange(faults, { ...request, validateOnly: false }, call.caller.name);
  faults.settle(true);
  return { effect: await call.to('reap').reaper.run({ skipGrace: request.skipGrace }, change) };
}
