import type { JsonObject } from '../../../domain/json.ts';
import { type Endpoint, findEndpointFaults, stripEndpoint } from '../../../domain/service/revision.ts';
import { BlueprintError, type StackOutputs } from '../../driver.ts';
import { ROOT_TYPE } from '../operation/engine-events.ts';
import type { StackState } from './checkpoint.ts';

/** Of a blueprint that gets one thing wrong it is the same for each endpoint. */
const MOST_FAULTS = 5;

/**
 * What the stack offers, from the root resource's outputs as recorded in its state.
 * @throws BlueprintError when the blueprint's program returned no usable endpoint
 */
export function readStackOutputs(state: StackState, redact: (text: string) => string = (text) => text): StackOutputs {
  const root = state.resources.find(({ type }) => type === ROOT_TYPE);
  const { endpoints, notes = {} } = root?.outputs ?? {};
  const faults = Array.isArray(endpoints)
    ? endpoints.flatMap((each, index) => findEndpointFaults(each).map((fault) => `endpoint ${index + 1}: ${fault}`))
    : [];
  if (!Array.isArray(endpoints) || endpoints.length === 0 || faults.length > 0) {
    const seen = endpoints === undefined ? 'none' : redact(JSON.stringify(endpoints)).slice(0, 200);
    const why = faults.length === 0 ? '' : `; ${faults.slice(0, MOST_FAULTS).join('; ')}`;
    throw new BlueprintError(`the blueprint must return plain endpoints, [{host, port}, …]; it returned ${seen}${why}`);
  }
  return { endpoints: (endpoints as Endpoint[]).map(stripEndpoint), notes: notes as JsonObject };
}
