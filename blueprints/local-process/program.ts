// The whole SDK costs four times the processor time and twice the memory of these two parts (540 ms, 133 MiB).
import * as outputs from '@pulumi/pulumi/output.js';
import * as resources from '@pulumi/pulumi/resource.js';
import type { JsonObject } from '../../src/domain/json.ts';
import type { BlueprintProgram } from '../../src/stacks/blueprint.ts';
import type { StackInput } from '../../src/stacks/driver.ts';
import type { LocalProcessConfig } from './config.ts';
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
  /** Pairs: as keys, names such as `toString` would be taken for the object's own by Pulumi's SDK. */
  env: [name: string, text: string][];
  /** The same, of references: the values are read when the process is started, and stand in no state. */
  secrets: [name: string, reference: string][];
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
export function program(input: StackInput, given: JsonObject): BlueprintProgram {
  // As the schema made it.
  const config = given as unknown as LocalProcessConfig;
  return async () => {
    const release = new Release('release', { source: input.artifact, configured: config.command ?? [] });
    const command = release.command.apply((runs) => [...runs, ...config.args]);
    const { passEnv, startTimeout: startTimeoutMs, stopGrace: stopGraceMs } = config;
    const variables = Object.entries(config.env);
    const env = variables.flatMap(([name, value]): [string, string][] =>
      typeof value === 'string' ? [[name, value]] : [],
    );
    const secrets = variables.flatMap(([name, value]): [string, string][] =>
      typeof value === 'string' ? [] : [[name, value.secret]],
    );
    const processes = Array.from({ length: config.processes }, (_, index) => {
      const { directory } = release;
      return new Process(`p${index + 1}`, { command, directory, env, secrets, passEnv, startTimeoutMs, stopGraceMs });
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
