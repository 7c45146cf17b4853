import type { Patient } from '../../check.ts';

/** Whether what is to be deployed is on AWS: by its router, or by a plugin that its blueprint needs. */
export function concernsAws({ spec, blueprints }: Patient): boolean {
  if (!spec) return false;
  const blueprint = blueprints.find(({ name }) => name === spec.blueprint.name);
  const router: string = spec.router.kind;
  return router === 'aws-alb' || (blueprint?.plugins ?? []).some(({ name }) => name === 'aws');
}
