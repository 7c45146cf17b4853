import { spawn } from 'node:child_process';

/**
 * @typedef {object} Result
 * @property {number | null} code null when a signal or `timeoutMs` ended it
 * @property {string} output what it wrote to both streams, in order
 */

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

/** Ends what {@link run} started, for when this process has to go. */
export function stopChildren() {
  for (const child of running) child.kill('SIGTERM');
}

/**
 * Runs a command to its end with nothing on its input; its output is kept instead of shown.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number, onLine?: (line: string) => void }} [options]
 * @returns {Promise<Result>} rejects only when the command cannot be started
 */
export function run(command, args, { cwd, env, timeoutMs, onLine } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, timeout: timeoutMs, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    let output = '';
    const keep = (/** @type {string} */ text) => {
      output += text;
      for (const line of text.split('\n')) if (line.trim()) onLine?.(line.trim());
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.once('error', (error) => {
      running.delete(child);
      reject(error);
    });
    child.once('close', (code) => {
      running.delete(child);
      resolve({ code, output });
    });
  });
}
