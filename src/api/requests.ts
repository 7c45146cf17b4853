import { randomUUID } from 'node:crypto';
import type { Change } from '../domain/requests.ts';
import { filled, given } from './convert/given.ts';
import type { Faults } from './faults.ts';

/** What every request that changes something carries. */
export interface Mutation {
  reason: string;
  requestId: string;
  validateOnly: boolean;
}

const REQUEST_ID = /^[A-Za-z0-9._:-]{1,100}$/;
const LONGEST_REASON = 1000;
const LONGEST_ARTIFACT = 4096;
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/;

/** Who, why, and under which id; one is made up where the caller gave none. */
export function readChange(faults: Faults, { reason, requestId }: Mutation, actor: string): Change {
  if (requestId !== '' && !REQUEST_ID.test(requestId)) {
    faults.expected('request_id', '1 to 100 ASCII letters, digits and any of . _ : -', requestId);
  }
  if (reason.length > LONGEST_REASON) {
    faults.add('reason', `expected at most ${LONGEST_REASON} characters, found ${reason.length}`);
  }
  if (CONTROL.test(reason) || !reason.isWellFormed()) {
    faults.add('reason', 'expected one line of Unicode without control characters');
  }
  return { actor, requestId: requestId === '' ? randomUUID() : requestId, ...given({ reason: filled(reason) }) };
}

/** The same limits as a manifest's artifact has. */
export function readArtifact(faults: Faults, path: string, artifact: string): string {
  const fits =
    /^\S/.test(artifact) && artifact.length <= LONGEST_ARTIFACT && !CONTROL.test(artifact) && artifact.isWellFormed();
  if (!fits) {
    const wanted = `what to run, such as npm:http-server@14.1.1, in at most ${LONGEST_ARTIFACT} characters`;
    faults.expected(path, wanted, artifact);
  }
  return artifact;
}
