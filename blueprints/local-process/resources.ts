import * as pulumi from '@pulumi/pulumi';

/** The Pulumi package whose provider lives in the worker. */
export const PACKAGE = 'local-process';
export const RELEASE_TYPE = `${PACKAGE}:index:Release`;
export const PROCESS_TYPE = `${PACKAGE}:index:Process`;

export interface ReleaseArgs {
  /** The artifact, as written in the service. */
  source: string;
  /** The configured command; empty for the artifact's own. */
  configured: string[];
}

/** An artifact, put in the revision's folder. */
export class Release extends pulumi.CustomResource {
  declare readonly directory: pulumi.Output<string>;
  declare readonly command: pulumi.Output<string[]>;
  declare readonly identity: pulumi.Output<string>;

  constructor(name: string, args: ReleaseArgs) {
    super(RELEASE_TYPE, name, { ...args, directory: undefined, command: undefined, identity: undefined });
  }
}

export interface ProcessArgs {
  command: pulumi.Input<string[]>;
  directory: pulumi.Input<string>;
  env: Record<string, string>;
  passEnv: string[];
  startTimeoutMs: number;
  stopGraceMs: number;
}

/** One process of a revision, listening on a port of its own. */
export class Process extends pulumi.CustomResource {
  declare readonly host: pulumi.Output<string>;
  declare readonly port: pulumi.Output<number>;
  declare readonly url: pulumi.Output<string>;
  declare readonly logs: pulumi.Output<string>;

  constructor(name: string, args: ProcessArgs) {
    super(PROCESS_TYPE, name, { ...args, host: undefined, port: undefined, url: undefined, logs: undefined });
  }
}
