import type * as pulumi from '@pulumi/pulumi';
import type { EnvironmentFacts } from './settings.ts';

/** What a blueprint cannot do without. @throws Error fit to show, when the environment is read, where it has none */
export function requireFact(
  environment: pulumi.Output<EnvironmentFacts>,
  key: 'cluster' | 'executionRole' | 'taskRole' | 'logGroup',
): pulumi.Output<string> {
  return environment.apply((facts) => {
    const { [key]: fact } = facts;
    if (fact === undefined) throw new Error(`the environment has no ${key}, which this blueprint needs; add it`);
    return fact;
  });
}
