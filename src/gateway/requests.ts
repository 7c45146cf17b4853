import { randomUUID } from 'node:crypto';
import type { RequestMeta } from '../domain/service/requests.ts';
import { ABSOLUTE_WANTED, relativeFolder } from '../config/manifest/artifact-folder.ts';
import { emptyToUndefined, omitUndefined } from '../contract/convert/given.ts';
import type { Faults } from './faults.ts';

/** What every request that changes something carries. */
export interface Mutation {
  reason: string;
  requestId: string;
  validateOnly: boolean;
  /** Of what may pass gates. */
  breakGlass?: boolean;
}

const REQUEST_ID = /^[A-Za-z0-9._:-]{1,100}$/;
const LONGEST_REASON = 4000;
const LONGEST_ARTIFACT = 4096;
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/;
/** Tabs and line breaks apart, as a commit message has them. */
// eslint-disable-next-line no-control-regex
const CONTROL_IN_LINES = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/** Who, why, and under which id; one is made up where the caller gave none. */
export function readChange(
  faults: Faults,
  { reason, requestId, validateOnly, breakGlass = false }: Mutation,
  actor: string,
): RequestMeta {
  if (requestId !== '' && !REQUEST_ID.test(requestId)) {
    faults.expected('request_id', '1 to 100 ASCII letters, digits and any of . _ : -', requestId);
  }
  if (reason.length > LONGEST_REASON) {
    faults.add('reason', `expected at most ${LONGEST_REASON} characters, found ${reason.length}`);
  }
  if (CONTROL_IN_LINES.test(reason) || !reason.isWellFormed()) {
    faults.add('reason', 'expected lines of Unicode without control characters');
  }
  const why = reason.replaceAll('\r\n', '\n').trim();
  if (breakGlass && why === '') faults.expected('reason', 'why gates are passed', reason);
  return {
    actor,
    requestId: requestId === '' ? randomUUID() : requestId,
    ...omitUndefined({
      reason: emptyToUndefined(why),
      dryRun: validateOnly ? (true as const) : undefined,
      breakGlass: breakGlass ? (true as const) : undefined,
    }),
  };
}

/** The same limits as a manifest's artifact has. */
export function readArtifact(faults: Faults, path: string, artifact: string): string {
  const fits =
    /^\S/.test(artifact) && artifact.length <= LONGEST_ARTIFACT && !CONTROL.test(artifact) && artifact.isWellFormed();
  if (!fits) {
    const wanted = `what to run, such as npm:http-server@14.1.1, in at most ${LONGEST_ARTIFACT} characters`;
    faults.expected(path, wanted, artifact);
  }
  if (relativeFolder(artifact) !== undefined) faults.expected(path, ABSOLUTE_WANTED, artifact);
  return artifact;
}
