import { parseRouterArguments } from '../embedded/options.ts';
import { serveRouter } from '../embedded/serve.ts';
import { openHaproxyCarrier } from './carrier.ts';
import { findHaproxy } from './program.ts';

try {
  const options = parseRouterArguments(process.argv.slice(2));
  if (options.metrics)
    throw new Error('--metrics is of the embedded router; what HAProxy counts it tells by metrics of the router');
  const { path } = await findHaproxy();
  await serveRouter(options, () => openHaproxyCarrier(options, path));
} catch (error) {
  console.error(`router: ${(error as Error).message}`);
  process.exit(1);
}
