import type { JsonObject } from '../../domain/json.ts';
import type { Endpoint } from '../../domain/revision.ts';
import { BlueprintError, type StackOutputs } from '../driver.ts';
import { ROOT_TYPE } from './engine-events.ts';
import type { StackState } from './state-store.ts';

/**
 * What the stack offers, from the root resource's outputs as recorded in its state.
 * @throws BlueprintError when the blueprint's program returned no usable endpoint
 */
export function stackOutputs(state: StackState): StackOutputs {
  const root = state.resources.find(({ type }) => type === ROOT_TYPE);
  const { endpoints, notes = {} } = root?.outputs ?? {};
  if (!Array.isArray(endpoints) || endpoints.length === 0 || !endpoints.every(isEndpoint)) {
    const seen = endpoints === undefined ? 'none' : JSON.stringify(endpoints).slice(0, 200);
    throw new BlueprintError(`the blueprint must return plain endpoints, [{host, port}, …]; it returned ${seen}`);
  }
  return { endpoints: endpoints.map(({ host, port }) => ({ host, port })), notes: notes as JsonObject };
}

function isEndpoint(value: unknown): value is Endpoint {
  if (typeof value !== 'object' || value === null) return false;
  const { host, port } = value as Partial<Endpoint>;
  return typeof host === 'string' && Number.isInteger(port);
}
