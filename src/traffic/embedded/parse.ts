import { type Route, routeFaults } from '../../domain/route.ts';
import { Reader } from './reader.ts';
import type { RemovedService, SavedRoute } from './state.ts';

/** What was read, or everything that is wrong with it, each fault with its path. */
export interface Parsed<T> {
  value?: T;
  faults: string[];
}

/** The wish to know when a revision has nothing in flight. */
export interface DrainRequest {
  revision: number;
  deadlineMs: number;
}

/** Longest time `setTimeout` can wait. */
const LONGEST_MS = 2 ** 31 - 1;

export function parseRoute(input: unknown, path = 'route'): Parsed<Route> {
  const reader = new Reader();
  const route = reader.route(input, path);
  // Sums and ranges only mean something once every number is one.
  const faults = reader.mistyped ? reader.faults : [...reader.faults, ...routeFaults(route)];
  return faults.length > 0 ? { faults } : { value: route, faults };
}

export function parseDrainRequest(input: unknown): Parsed<DrainRequest> {
  return reading((reader) => {
    const fields = reader.object(input, 'drain');
    return {
      revision: reader.whole(fields.revision, 'revision', 1, Number.MAX_SAFE_INTEGER),
      deadlineMs: reader.whole(fields.deadlineMs, 'deadlineMs', 0, LONGEST_MS),
    };
  });
}

export function parseGeneration(text: string | null): Parsed<number> {
  return reading((reader) =>
    reader.whole(text === null ? undefined : Number(text), 'generation', 1, Number.MAX_SAFE_INTEGER),
  );
}

export function parseSavedRoute(input: unknown, path: string): Parsed<SavedRoute> {
  const reader = new Reader();
  const fields = reader.object(input, path);
  const port = reader.port(fields.port, `${path}.port`);
  const route = parseRoute(fields.route, `${path}.route`);
  const faults = [...reader.faults, ...route.faults];
  return route.value && faults.length === 0 ? { value: { port, route: route.value }, faults } : { faults };
}

export function parseRemovedService(input: unknown, path: string): Parsed<RemovedService> {
  return reading((reader) => {
    const fields = reader.object(input, path);
    return {
      service: reader.service(fields.service, `${path}.service`),
      generation: reader.whole(fields.generation, `${path}.generation`, 1, Number.MAX_SAFE_INTEGER),
    };
  });
}

function reading<T>(read: (reader: Reader) => T): Parsed<T> {
  const reader = new Reader();
  const value = read(reader);
  return reader.faults.length > 0 ? { faults: reader.faults } : { value, faults: [] };
}
