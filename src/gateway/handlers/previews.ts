import type { ServiceImpl } from '@connectrpc/connect';
import { omitUndefined } from '../../contract/convert/given.ts';
import { toPreview } from '../../contract/convert/preview.ts';
import type {
  ClosePreviewRequest,
  GetPreviewRequest,
  ListPreviewsRequest,
  OpenPreviewRequest,
  PreviewService,
} from '../../contract/gen/supplant/v1/previews_pb.ts';
import { names, parseServiceName } from '../../contract/names.ts';
import { formatExperimentId } from '../../domain/experiment/experiment.ts';
import type { PreviewKey } from '../../domain/preview/name.ts';
import { locatePreview } from '../../domain/preview/preview.ts';
import { type Call, type Gateway, handleUnary } from '../call.ts';
import { Faults } from '../faults.ts';
import { readPage, writeToken } from '../pages.ts';
import { readPreviewKey, readPreviewRequest } from '../read-preview.ts';
import { readChange } from '../requests.ts';
import { HISTORY_PAGES } from './history.ts';

/** A preview is its service's: who may see that sees it, and who may have experiments with it and deploy it may open one. */
export function createPreviewHandlers(gateway: Gateway): ServiceImpl<typeof PreviewService> {
  return {
    openPreview: handleUnary(gateway, openPreview),
    getPreview: handleUnary(gateway, getPreview),
    listPreviews: handleUnary(gateway, listPreviews),
    closePreview: handleUnary(gateway, closePreview),
  };
}

async function openPreview(request: OpenPreviewRequest, call: Call) {
  call.mustBeAllowedSomewhere('experiment');
  const faults = new Faults();
  const read = readPreviewRequest(faults, request);
  const change = readChange(faults, request, call.caller.name);
  const asked = faults.settle(read);
  const { previews } = call.to('experiment', asked.service);
  // A copy has what its service has, secrets among it, and runs what the request says.
  call.to('deploy', asked.service);
  const { effect, port, run, unchanged } = await previews.open(asked, change);
  const experiment = locatePreview(asked);
  return omitUndefined({
    effect,
    port,
    unchanged,
    run: run === undefined ? undefined : names.run({ experiment, run }),
  });
}

async function closePreview(request: ClosePreviewRequest, call: Call) {
  const faults = new Faults();
  const read = readPreviewKey(faults, request);
  const change = readChange(faults, request, call.caller.name);
  const key = faults.settle(read);
  return call.to('experiment', key.service).previews.close(key, change);
}

async function getPreview(request: GetPreviewRequest, call: Call) {
  const faults = new Faults();
  const key: PreviewKey = faults.settle(readPreviewKey(faults, request));
  return { preview: toPreview(await call.to('view', key.service).previews.view(key)) };
}

async function listPreviews(request: ListPreviewsRequest, call: Call) {
  const faults = new Faults();
  const all = request.service === '';
  const named = all ? undefined : faults.take('service', request.service, parseServiceName(request.service));
  const of = `previews ${request.service}`;
  const { size, after = '' } = readPage(faults, request, of, HISTORY_PAGES);
  faults.settle(all || named);
  if (named) call.to('view', named);
  const visible = (await call.gateway.backend.previews.list(named))
    .map((view) => ({ id: formatExperimentId(view.experiment), view }))
    .filter(({ id, view }) => id > after && call.caller.refusal('view', view.service) === undefined)
    .toSorted((one, other) => (one.id < other.id ? -1 : 1));
  const page = visible.slice(0, size);
  const last = visible.length > size ? page.at(-1) : undefined;
  return {
    previews: page.map(({ view }) => toPreview(view)),
    nextPageToken: last ? writeToken(of, last.id) : '',
  };
}
