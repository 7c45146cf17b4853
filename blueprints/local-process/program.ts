import * as pulumi from '@pulumi/pulumi';
import type { BlueprintProgram } from '../../src/stacks/blueprint.ts';
import type { StackInput } from '../../src/stacks/driver.ts';
import { readConfig } from './config.ts';
import { Process, Release } from './resources.ts';

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
        pulumi.all([process.host, process.port]).apply(([host, port]) => ({ host, port })),
      ),
      notes: pulumi
        .all([release.identity, release.directory, pulumi.all(processes.map((process) => process.logs))])
        .apply(([artifact, directory, logs]) => ({ artifact, directory, logs })),
    };
  };
}
