import { EXPERIMENT_NAME } from '../experiment/experiment.ts';
import { computeFingerprint } from '../fingerprint.ts';
import { type ServiceKey, formatServiceId } from '../service/service.ts';

/** What a preview is of: a branch or a change of a service. */
export interface PreviewKey {
  service: ServiceKey;
  /** As its repository names it: `feature/login`, `#123`. */
  branch: string;
}

export function isSamePreview(one: PreviewKey, other: PreviewKey): boolean {
  return one.branch === other.branch && formatServiceId(one.service) === formatServiceId(other.service);
}

/** How long the name of a branch may be. */
export const LONGEST_BRANCH = 250;

const LONGEST_NAME = 24;
/** `-x` and seven letters or digits. */
const MARK = /-x[a-z0-9]{7}$/;
const MARK_LENGTH = 9;
const DIGITS = 7;
/** What stays of a service's name where both do not fit. */
const SERVICE_LENGTH = 6;

/**
 * The name of a preview's experiment: `web-login`. Always the same for a branch of a service, and another one for each.
 * What had to be changed or cut, and what could be read in two ways, ends in a mark of the whole: `web-login-2-x4k2m9ab`.
 */
export function computePreviewName({ service: { name }, branch }: PreviewKey): string {
  const whole = `${name}-${branch}`;
  // With a hyphen in the service's name nobody could tell where the branch begins.
  if (!name.includes('-') && EXPERIMENT_NAME.test(whole) && !MARK.test(whole)) return whole;
  return `${shorten(name, branch)}-x${computeMark(name, branch)}`;
}

function shorten(name: string, branch: string): string {
  const room = LONGEST_NAME - MARK_LENGTH;
  const whole = slug(`${name}-${branch}`);
  if (whole.length <= room) return whole;
  const service = cut(name, SERVICE_LENGTH);
  const last = slug(branch.slice(branch.lastIndexOf('/') + 1));
  return cut(`${service}-${last}`, room);
}

function slug(text: string): string {
  const words = text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-');
  return words.replaceAll(/^-|-$/g, '');
}

function cut(text: string, length: number): string {
  return text.slice(0, length).replace(/-$/, '');
}

function computeMark(name: string, branch: string): string {
  const number = BigInt(`0x${computeFingerprint([name, branch])}`) % 36n ** BigInt(DIGITS);
  return number.toString(36).padStart(DIGITS, '0');
}
