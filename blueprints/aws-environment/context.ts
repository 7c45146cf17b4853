import type * as pulumi from '@pulumi/pulumi';
import type { RevisionStack } from '../aws/revision-stack.ts';
import type { AwsEnvironmentConfig } from './config.ts';

/** What the parts of an environment are made with. */
export interface EnvironmentContext {
  /** The name of the whole; parts have theirs after it. */
  name: string;
  config: AwsEnvironmentConfig;
  /** As of a revision's stack, and protected: services live on it. */
  own: RevisionStack['own'];
}

/** The tag by which a part without a name of its own is found again. */
export function nameTag({ name }: EnvironmentContext, part: string): Record<string, string> {
  return { Name: `${name}-${part}` };
}

/** Where everything is. */
export interface Network {
  vpc: pulumi.Input<string>;
  subnets: pulumi.Input<string>[];
  publicIp: boolean;
}
