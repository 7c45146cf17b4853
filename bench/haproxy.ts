/** The router `haproxy`, measured as the embedded one is. */
import { HaproxyRouter } from '../src/routing/haproxy/client.ts';
import { type BenchResult, printResult } from './result.ts';
import { measureRouter } from './router.ts';

export function run(): Promise<BenchResult> {
  return measureRouter({
    name: 'haproxy',
    main: 'haproxy/main.ts',
    // A change is some seven orders to HAProxy, and a file that is synced.
    targetMs: 10,
    open: (socketPath) => new HaproxyRouter({ socketPath }),
  });
}

if (import.meta.main) printResult(await run());
