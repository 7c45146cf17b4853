import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HISTORIES, historyText } from '../../test/replay/histories.ts';
import { Bench } from '../../test/workflow/bench.ts';
import { startServer } from '../../test/workflow/server.ts';
import { LONG_SCENARIOS, SCENARIOS, type Scenario } from './scenarios.ts';

/**
 * Records the histories of the scenarios named, or of all of them anew, against a real server. What is there already is
 * replaced for a deliberate change of the workflows only: it stands for rollouts that people have running.
 */
async function main(wanted: string[]): Promise<void> {
  await mkdir(HISTORIES, { recursive: true });
  if (wanted.length === 0) for (const name of await readdir(HISTORIES)) await rm(join(HISTORIES, name));
  const chosen = (scenarios: Record<string, Scenario>): Record<string, Scenario> =>
    Object.fromEntries(Object.entries(scenarios).filter(([name]) => wanted.length === 0 || wanted.includes(name)));
  await recordAll(chosen(SCENARIOS), []);
  await recordAll(chosen(LONG_SCENARIOS), ['limit.historyCount.suggestContinueAsNew=40']);
}

async function recordAll(scenarios: Record<string, Scenario>, dynamicConfig: string[]): Promise<void> {
  if (Object.keys(scenarios).length === 0) return;
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

await main(process.argv.slice(2));
