/** `npm run bench -- NAME`: runs one bench, or `all`. The last line it prints of each is the result in JSON. */
import { endAll } from './running.ts';
import { type BenchResult, printResult } from './result.ts';

interface Bench {
  run(): Promise<BenchResult>;
}

const BENCHES: Record<string, () => Promise<Bench>> = {
  overhead: () => import('./overhead.ts'),
  rollback: () => import('./rollback.ts'),
  history: () => import('./history.ts'),
  concurrent: () => import('./concurrent.ts'),
  router: () => import('./router.ts'),
  haproxy: () => import('./haproxy.ts'),
  api: () => import('./api.ts'),
  baking: () => import('./baking.ts'),
  experiment: () => import('./experiment.ts'),
  recovery: () => import('./recovery.ts'),
  fleet: () => import('./fleet.ts'),
  judge: () => import('./judge.ts'),
};

const INTERRUPTED = 130;

async function main(wanted: string | undefined): Promise<number> {
  const names = wanted === 'all' ? Object.keys(BENCHES) : [wanted ?? ''];
  let allOk = true;
  for (const name of names) {
    const load = BENCHES[name];
    if (!load) {
      console.error(`there is no bench '${name}'; use ${Object.keys(BENCHES).join(', ')} or all`);
      return 2;
    }
    const result = await (await load()).run();
    printResult(result);
    allOk &&= result.ok;
  }
  return allOk ? 0 : 1;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void endAll().finally(() => process.exit(INTERRUPTED)));
}
process.exitCode = await main(process.argv[2]);
