import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HISTORIES, historyText } from '../../test/replay/histories.ts';
import { Bench } from '../../test/workflow/bench.ts';
import { startServer } from '../../test/workflow/server.ts';
import { LONG_SCENARIOS, SCENARIOS, type Scenario } from './scenarios.ts';

/**
 * Records the history of every scenario anew, against a real server. For a deliberate change of the workflows only: the
 * files that are replaced stand for rollouts that people have running.
 */
async function main(): Promise<void> {
  await mkdir(HISTORIES, { recursive: true });
  for (const name of await readdir(HISTORIES)) await rm(join(HISTORIES, name));
  await recordAll(SCENARIOS, []);
  await recordAll(LONG_SCENARIOS, ['limit.historyCount.suggestContinueAsNew=40']);
}

async function recordAll(scenarios: Record<string, Scenario>, dynamicConfig: string[]): Promise<void> {
  const env = await startServer(dynamicConfig);
  try {
    for (const [name, scenario] of Object.entries(scenarios)) {
      const bench = await Bench.open(env, name);
      const handle = await scenario(bench).catch((error: unknown) => Promise.reject(new Error(name, { cause: error })));
      const { workflowId } = handle;
      await writeFile(join(HISTORIES, `${name}.json`), historyText(workflowId, await handle.fetchHistory()));
      await bench.close();
      console.log(`recorded ${name}`);
    }
  } finally {
    await env.teardown();
  }
}

await main();
