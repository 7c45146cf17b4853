// The whole SDK costs four times the processor time and twice the memory of these two parts (540 ms, 133 MiB).
import * as outputs from '@pulumi/pulumi/output.js';
import * as resources from '@pulumi/pulumi/resource.js';
import type { BlueprintProgram } from '../../src/stacks/blueprint.ts';
import type { StackInput } from '../../src/stacks/driver.ts';
import { readConfig } from './config.ts';
import { PROCESS_TYPE, RELEASE_TYPE, type ReleaseArgs } from './resources.ts';

class Release extends resources.CustomResource {
  declare readonly directory: outputs.Output<string>;
  declare readonly command: outputs.Output<string[]>;
  declare readonly identity: outputs.Output<string>;

  constructor(name: string, args: ReleaseArgs) {
    super(RELEASE_TYPE, name, { ...args, directory: undefined, command: undefined, identity: undefined });
  }
}

interface ProcessArgs {
  command: outputs.Input<string[]>;
  directory: outputs.Input<string>;
  env: Record<string, string>;
  passEnv: string[];
  startTimeoutMs: number;
  stopGraceMs: number;
}

/** One process of a revision, listening on a port of its own. */
class Process extends resources.CustomResource {
  declare readonly host: outputs.Output<string>;
  declare readonly port: outputs.Output<number>;
  declare readonly logs: outputs.Output<string>;

  constructor(name: string, args: ProcessArgs) {
    super(PROCESS_TYPE, name, { ...args, host: undefined, port: undefined, url: undefined, logs: undefined });
  }
}

/** One artifact in one folder, and as many processes as configured, each with its port. */
export function program(input: StackInput): BlueprintProgram {
  const { config } = readConfig(input.blueprint.config);
  return async () => {
    const release = new Release('release', { source: input.artifact, configured: config.command ?? [] });
    const command = release.command.apply((runs) => [...runs, ...config.args]);
    const { env, passEnv, startTimeoutMs, stopGraceMs } = config;
    const processes = Array.from({ length: config.processes }, (_, index) => {
      const { directory } = release;
      return new Process(`p${index + 1}`, { command, directory, env, passEnv, startTimeoutMs, stopGraceMs });
    });
    return {
      endpoints: processes.map((process) =>
        outputs.all([process.host, process.port]).apply(([host, port]) => ({ host, port })),
      ),
      notes: outputs
        .all([release.identity, release.directory, outputs.all(processes.map((process) => process.logs))])
        .apply(([artifact, directory, logs]) => ({ artifact, directory, logs })),
    };
  };
}
