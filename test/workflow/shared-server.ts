import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { findFreePort } from '../../src/dev/ports.ts';
import { findNativeTool } from '../../src/native-tools.ts';
import { searchAttributeFlags } from '../../src/temporal/search-attributes.ts';

/** Environment variable with the address of a Temporal server that test files share, where there is one. */
export const SHARED_SERVER = 'SUPPLANT_TEST_TEMPORAL';

/** Settings of every server that tests use: those of `supplant dev`, whose reasons stand in `src/dev/parts.ts`. */
export const SETTINGS = ['system.enableActivityEagerExecution=true', 'history.transferProcessorMaxPollRPS=1000'];

/** A real Temporal server with everything in memory, for all test files of a run: each of its own would cost seconds. */
export class SharedServer implements AsyncDisposable {
  readonly address: string;
  readonly #process: ReturnType<typeof spawn>;

  private constructor(address: string, process: ReturnType<typeof spawn>) {
    this.address = address;
    this.#process = process;
  }

  /**
   * Resolves once it answers, however long that takes on a machine that has other things to do.
   *
   * @param more settings, beside those that all have
   */
  static async start(more: readonly string[] = []): Promise<SharedServer> {
    const port = await findFreePort(0);
    const args = [
      ...['server', 'start-dev', '--headless', '--ip', '127.0.0.1', '--port', `${port}`, '--log-level', 'never'],
      ...[...SETTINGS, ...more].flatMap((setting) => ['--dynamic-config-value', setting]),
      ...searchAttributeFlags(),
    ];
    const child = spawn(findNativeTool('temporal'), args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const said = new Promise<void>((resolve, reject) => {
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (output.includes('Server:')) resolve();
      });
      child.once('exit', (code) => reject(new Error(`temporal ended with ${code}: ${output}`)));
    });
    await said;
    return new SharedServer(`127.0.0.1:${port}`, child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
  }
}
