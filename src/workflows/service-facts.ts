import { ApplicationFailure } from '@temporalio/workflow';
import type { Request } from '../domain/requests.ts';
import { type Facts, revisionInQuestion } from '../domain/service-decisions.ts';
import type { ServiceSpec } from '../domain/service.ts';
import { revisionName } from '../domain/revision.ts';
import type { ServiceDesk } from './service-desk.ts';
import { quickly } from './steps.ts';

type Described = Pick<Facts, 'digest' | 'artifact'>;

/**
 * What the blueprint says of a release; nothing where none is asked for.
 *
 * @throws ApplicationFailure `Invalid` with all that it does not take
 */
export async function described({ state }: ServiceDesk, request: Request): Promise<Described> {
  const spec = specOf(request, state.spec);
  if (!spec) return {};
  const summary = `does blueprint ${spec.blueprint.name} take this?`;
  const { faults, ...found } = await quickly('describe', summary, [spec]);
  if (faults.length === 0) return found;
  const message = faults.map((fault) => `${fault.path}: ${fault.message}`).join('; ');
  throw ApplicationFailure.create({ type: 'Invalid', message, nonRetryable: true, details: [{ faults }] });
}

/** What is on record of the revision that a rollback leads to, where it does not stand. */
export async function recorded(desk: ServiceDesk, request: Request): Promise<Pick<Facts, 'revision'>> {
  for (;;) {
    const number = revisionInQuestion(desk.state, request);
    if (number === undefined) return {};
    const task = { service: desk.state.key, number };
    const revision = await quickly('recallRevision', `what is on record of ${revisionName(number)}`, [task]);
    // The end of a rollout may have made it another one meanwhile.
    if (revisionInQuestion(desk.state, request) === number) return revision ? { revision } : {};
  }
}

function specOf(request: Request, spec: ServiceSpec | undefined): ServiceSpec | undefined {
  if (request.kind === 'apply') return request.spec;
  return request.kind === 'deploy' ? spec && { ...spec, artifact: request.artifact } : undefined;
}
