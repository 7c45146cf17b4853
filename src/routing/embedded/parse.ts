import type { z } from 'zod';
import { faultMessage, formatPath, MOST_FAULTS, type Problem } from '../../config/fault.ts';
import { checkValue } from '../../config/problems.ts';
import type { Cohort } from '../../domain/traffic/cohort.ts';
import type { PreviewAddress } from '../../domain/traffic/preview-address.ts';
import { stripEndpoint } from '../../domain/service/revision.ts';
import { type Route, findRouteFaults } from '../../domain/traffic/route.ts';
import {
  drainSchema,
  generationSchema,
  removedServiceSchema,
  routeSchema,
  savedRouteSchema,
} from './message-schemas.ts';
import type { RemovedService, SavedRoute } from './state.ts';

/** What was read, or everything that is wrong with it, each fault with its path. */
export interface Parsed<T> {
  value?: T;
  faults: string[];
}

/** The wish to know when a revision has nothing in flight. */
export type DrainRequest = z.output<typeof drainSchema>;

export function parseRoute(input: unknown): Parsed<Route> {
  const { value, faults } = parse(routeSchema, input, ['route']);
  return value ? sound(routeOf(value), (route) => route) : { faults };
}

export function parseDrainRequest(input: unknown): Parsed<DrainRequest> {
  return parse(drainSchema, input, []);
}

export function parseGeneration(text: string | null): Parsed<number> {
  const { value, faults } = parse(generationSchema, { generation: text === null ? undefined : Number(text) }, []);
  return value ? { value: value.generation, faults } : { faults };
}

export function parseSavedRoute(input: unknown, index: number): Parsed<SavedRoute> {
  const { value, faults } = parse(savedRouteSchema, input, ['routes', index]);
  return value
    ? sound(routeOf(value.route), (route) => ({
        port: value.port,
        ...(value.previewPort === undefined ? {} : { previewPort: value.previewPort }),
        route,
      }))
    : { faults };
}

export function parseRemovedService(input: unknown, index: number): Parsed<RemovedService> {
  return parse(removedServiceSchema, input, ['removed', index]);
}

function parse<T>(schema: z.ZodType<T>, input: unknown, path: Problem['path']): Parsed<T> {
  const checked = checkValue(schema, input);
  if (checked.ok) return { value: checked.value, faults: [] };
  const faults = checked.problems.slice(0, MOST_FAULTS).map((problem) => {
    const at = formatPath([...path, ...problem.path]);
    return `${at}${at === '' ? '' : ': '}${faultMessage(problem)}`;
  });
  return { faults };
}

/** Sums and ranges only mean something once every number is one. */
function sound<T>(route: Route, wrap: (route: Route) => T): Parsed<T> {
  const faults = findRouteFaults(route);
  return faults.length > 0 ? { faults } : { value: wrap(route), faults };
}

/** What is absent, or says no more than that, is left out: routes are compared by what they hold. */
function routeOf({
  port,
  listen,
  strictPort,
  closed,
  cohort,
  preview,
  targets,
  ...route
}: z.output<typeof routeSchema>): Route {
  return {
    ...route,
    targets: targets.map((target) => ({ ...target, endpoints: target.endpoints.map(stripEndpoint) })),
    ...(port === undefined ? {} : { port }),
    ...(listen === undefined ? {} : { listen }),
    ...(strictPort === true ? { strictPort } : {}),
    ...(closed === undefined ? {} : { closed }),
    ...(cohort === undefined ? {} : { cohort: cohortOf(cohort) }),
    ...(preview === undefined ? {} : { preview: previewOf(preview) }),
  };
}

function cohortOf({ revision, header, cookie }: NonNullable<z.output<typeof routeSchema>['cohort']>): Cohort {
  return { revision, ...(header ? { header } : {}), ...(cookie ? { cookie } : {}) };
}

function previewOf({ port, revision }: NonNullable<z.output<typeof routeSchema>['preview']>): PreviewAddress {
  return { ...(port === undefined ? {} : { port }), ...(revision === undefined ? {} : { revision }) };
}
