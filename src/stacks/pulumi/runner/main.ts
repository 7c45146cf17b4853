import { enableCompileCache } from 'node:module';
import { deferClosures } from './defer-closures.ts';
import { receiveSettings } from './settings.ts';

/**
 * Carries out engine operations for a worker, one at a time: `node main.ts SETTINGS`, with an IPC channel to its
 * worker. Ends with the channel, after the operation that it is carrying out.
 */
const settings = receiveSettings(process.argv[2] ?? '', process.env);
// Before the imports below, which are most of what a start costs.
enableCompileCache(settings.cacheDir);
deferClosures();
const { Runner } = await import('./runner.ts');
await Runner.start(settings);
