import type { MessageInitShape } from '@bufbuild/protobuf';
import type { PreviewState, PreviewView } from '../../domain/preview/view.ts';
import { type Preview, type PreviewSchema, Preview_State } from '../gen/supplant/v1/previews_pb.ts';
import { names, readExperiment, readService } from '../names.ts';
import { Words } from './enums.ts';
import { fromRun, toRun } from './experiment/run.ts';
import { emptyToUndefined, omitUndefined } from './given.ts';
import { fromDuration, fromTimestamp, toDuration, toTimestamp } from './time.ts';

export const previewStates = new Words<PreviewState, Preview_State>({
  opening: Preview_State.OPENING,
  up: Preview_State.UP,
  renewing: Preview_State.RENEWING,
  closing: Preview_State.CLOSING,
  down: Preview_State.DOWN,
});

export function toPreview(view: PreviewView): MessageInitShape<typeof PreviewSchema> {
  const { artifact, branch, experiment, expiresAt, forgottenAt, port, runs, sentences, service, state, ttlMs, url } =
    view;
  return omitUndefined({
    experiment: names.experiment(experiment),
    service: names.service(service),
    ...{ branch, artifact, port, url, sentences },
    state: previewStates.number(state),
    ttl: toDuration(ttlMs),
    expireTime: toTimestamp(expiresAt),
    forgetTime: toTimestamp(forgottenAt),
    runs: runs.map(toRun),
  });
}

export function fromPreview(message: Preview): PreviewView {
  const { artifact, branch, experiment, expireTime, forgetTime, port, runs, sentences, service, state, ttl, url } =
    message;
  return omitUndefined({
    experiment: readExperiment(experiment),
    service: readService(service),
    ...{ branch, artifact, port, sentences },
    state: previewStates.word(state) ?? 'down',
    url: emptyToUndefined(url),
    ttlMs: fromDuration(ttl, 0),
    expiresAt: fromTimestamp(expireTime),
    forgottenAt: fromTimestamp(forgetTime),
    runs: runs.map(fromRun),
  });
}
