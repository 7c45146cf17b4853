import { toRollbackProof } from '../../contract/convert/rollback.ts';
import type { ListRollbackProofsRequest } from '../../contract/gen/supplant/v1/services_pb.ts';
import { parseServiceName } from '../../contract/names.ts';
import type { RollbackProof } from '../../domain/rollback/proof.ts';
import type { Call } from '../call.ts';
import { Faults } from '../faults.ts';
import { readPage, writeToken } from '../pages.ts';
import { HISTORY_PAGES } from './history.ts';

/** As many as anybody turns pages through. */
const MOST_PROOFS = 10_000;

/** What is new since the first page does not shift the others: a token names the proof that it goes on after. */
export async function listRollbackProofs(request: ListRollbackProofsRequest, call: Call) {
  const { parent } = request;
  const faults = new Faults();
  const named = faults.take('parent', parent, parseServiceName(parent));
  const of = `proofs ${parent}`;
  const { size, after } = readPage(faults, request, of, HISTORY_PAGES);
  const service = faults.settle(named);
  const all = await call.to('view', service).rollbackProofs(service, MOST_PROOFS);
  const rest = after === undefined ? all : all.filter((proof) => isBehind(proof, after));
  const page = rest.slice(0, size);
  const last = rest.length > size ? page.at(-1) : undefined;
  return { proofs: page.map(toRollbackProof), nextPageToken: last ? writeToken(of, placeOf(last)) : '' };
}

/** In the order of the list: the newest first, and of the same time by their releases. */
function isBehind(proof: RollbackProof, after: string): boolean {
  const [time = ''] = after.split(' ');
  return proof.at < time || (proof.at === time && placeOf(proof) > after);
}

function placeOf({ at, from, to }: RollbackProof): string {
  return `${at} ${from} ${to}`;
}
