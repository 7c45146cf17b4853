import { canonicalJson } from '../canonical-json.ts';
import { type ExperimentSpec, formatExperimentId } from '../experiment/experiment.ts';
import { type RunStatus, formatRunName } from '../experiment/run.ts';
import { isSamePreview } from './name.ts';
import { type PreviewSpec, formatPreview, readPreview, readPreviewArtifact } from './preview.ts';

/** What decides about opening a preview. */
export interface PreviewQuestion {
  wanted: PreviewSpec;
  /** The experiment of that name, deleted or not. */
  before?: { spec: ExperimentSpec; deletedAt?: string } | undefined;
  /** Its last run. */
  newest?: { status: RunStatus; isEnding: boolean } | undefined;
  /** Runs go on. */
  goesOn: boolean;
  /** The live revision of the service. */
  live: number | undefined;
  force: boolean;
}

export type PreviewDecision =
  | { kind: 'refuse'; because: string }
  /** What is up, or on its way, is what is asked for. */
  | { kind: 'unchanged'; status: RunStatus }
  /** There was none, or it was closed. */
  | { kind: 'open' }
  /** A new stack takes the place of the one that is up. */
  | { kind: 'renew' }
  /** It was over. */
  | { kind: 'reopen' };

/** What opening a preview comes to. Pipelines repeat it with every push. */
export function decidePreview({ wanted, before, newest, goesOn, live, force }: PreviewQuestion): PreviewDecision {
  if (!before || before.deletedAt !== undefined) return { kind: 'open' };
  const because = findStranger(wanted, before.spec);
  if (because !== undefined) return { kind: 'refuse', because };
  if (!goesOn) return { kind: 'reopen' };
  const isSame = canonicalJson(before.spec) === canonicalJson(wanted);
  const isThere = newest !== undefined && newest.status.outcome === undefined && !newest.isEnding;
  const isCertain = !force && !isFolder(readPreviewArtifact(wanted));
  if (isSame && isThere && isCertain && isLike(newest.status, live))
    return { kind: 'unchanged', status: newest.status };
  return { kind: 'renew' };
}

/** Whose the name is, where it is not this preview's. */
function findStranger(wanted: PreviewSpec, before: ExperimentSpec): string | undefined {
  const id = formatExperimentId(wanted.experiment);
  const other = readPreview(before);
  if (!other) return `${id} is an experiment already, and no preview: delete it, or give the branch another name`;
  const own = readPreview(wanted);
  if (own && isSamePreview(own, other)) return undefined;
  return `${id} is the preview ${formatPreview(other)} already: close it, or give the branch another name`;
}

/** What is in a folder may be other than before; only what reads it can tell. */
function isFolder(artifact: string): boolean {
  return /(?:^|#)dir:/.test(artifact) && !/#sha256:[0-9a-f]{64}$/.test(artifact);
}

/** Its service may have another revision by now, whose configuration a renewal would have. */
function isLike({ variants }: RunStatus, live: number | undefined): boolean {
  const like = variants[0]?.like;
  return !like || like.revision === live;
}

/** `web-login/production@3 is up with that, until …`: for people. */
export function describeUnchanged(status: RunStatus): string {
  const isUp = status.phase === 'hold';
  const until = `until ${status.deadlineAt}`;
  return `nothing changes: ${formatRunName(status)} ${isUp ? `is up with that ${until}` : `is on its way with that, ${until} at the latest`}`;
}
