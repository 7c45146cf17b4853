import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { StringDecoder } from 'node:string_decoder';

/** Progress is for people and heartbeats: seen within this is soon enough. In milliseconds. */
const POLL_MS = 50;
const CHUNK_BYTES = 64 * 1024;

export interface FollowedEvents {
  /** Reads what was written until now and stops. */
  finish(): Promise<void>;
}

/** Hands on the events of a file that an engine is writing, one JSON text a line. Creates the file. */
export async function followEvents(path: string, onEvent: (event: EngineEvent) => void): Promise<FollowedEvents> {
  const file = await open(path, 'a+', 0o600);
  const lines = new LineSplitter((line) => onEvent(JSON.parse(line) as EngineEvent));
  const stopping = new AbortController();
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let position = 0;
  const readOn = async (): Promise<void> => {
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, chunk.length, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      lines.take(chunk.subarray(0, bytesRead));
    }
  };
  const following = (async () => {
    while (!stopping.signal.aborted) {
      await readOn();
      await sleep(POLL_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
    await readOn();
  })();
  // Its failure is told by `finish`; until then it must not count as unhandled.
  following.catch(() => undefined);
  return {
    async finish() {
      stopping.abort();
      try {
        await following;
      } finally {
        await file.close();
      }
    },
  };
}

/** Cuts bytes into lines; what has no line break yet is kept for later. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  readonly #onLine: (line: string) => void;
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  take(bytes: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(bytes)).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.trim() !== '') this.#onLine(line);
    }
  }
}
