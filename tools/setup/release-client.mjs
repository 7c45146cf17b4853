// Run as a process of its own, on the project's Node: that one obeys HTTPS_PROXY when NODE_USE_ENV_PROXY is set.
// Usage: release-client.mjs probe URL | get URL FILE
import { createWriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const PROBE_MS = 2_000;
/** A download that brings nothing for this long is given up; its whole length is not limited. */
const SILENT_MS = 20_000;

const [command, url, file] = process.argv.slice(2);
try {
  await (command === 'probe' ? probe() : download());
} catch (error) {
  const { message, cause } = /** @type {Error} */ (error);
  console.log(cause instanceof Error && cause.message ? `${message}: ${cause.message}` : message);
  process.exit(1);
}

async function probe() {
  const response = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(PROBE_MS) });
  if (!response.ok) throw new Error(`answered ${response.status}`);
  process.exit(0);
}

async function download() {
  const silence = new AbortController();
  const giveUp = () => silence.abort(new Error(`nothing came for ${SILENT_MS / 1000} s`));
  const timer = setTimeout(giveUp, SILENT_MS);
  const response = await fetch(url, { signal: silence.signal });
  if (!response.ok || !response.body) throw new Error(`answered ${response.status}`);
  const total = Number(response.headers.get('content-length')) || undefined;
  let received = 0;
  let told = 0;
  const meter = new Transform({
    transform(chunk, _encoding, done) {
      timer.refresh();
      received += chunk.length;
      if (Date.now() - told > 500) console.log(describe(received, total));
      if (Date.now() - told > 500) told = Date.now();
      done(null, chunk);
    },
  });
  await pipeline(Readable.fromWeb(response.body), meter, createWriteStream(file));
  clearTimeout(timer);
}

/**
 * @param {number} received bytes
 * @param {number | undefined} total bytes
 */
function describe(received, total) {
  const megabytes = `${(received / 1e6).toFixed(1)} MB`;
  return total ? `${megabytes} of ${(total / 1e6).toFixed(1)} MB` : megabytes;
}
