import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Chromium, where there is one. */
export function findBrowser(): string | undefined {
  return PLACES.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Loads a page in a browser of its own, without a window, in which every name in `.example` leads to this machine. Returns what
 * the page holds `waitMs` of its own time later.
 */
export async function loadPage(browser: string, url: string, waitMs: number): Promise<string> {
  const profile = await mkdtemp(join(tmpdir(), 'supplant-browser-'));
  const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'];
  const own = [`--user-data-dir=${profile}`, '--host-resolver-rules=MAP *.example 127.0.0.1'];
  const child = spawn(browser, [...flags, ...own, `--virtual-time-budget=${waitMs}`, '--dump-dom', url], {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  try {
    return await text(child.stdout);
  } finally {
    if (child.pid !== undefined) end(child.pid);
    await rm(profile, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** With all it has started. */
function end(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
