import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { link, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isExecutable } from '../../src/host/executable.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MODULE = join(ROOT, 'tools', 'grpcurl');
const FOLDER = join(ROOT, '.tools', 'bin');
const EXECUTABLE = join(FOLDER, 'grpcurl');
const PACKAGE = 'github.com/fullstorydev/grpcurl/cmd/grpcurl';

/** What it adds to the code of an error to make its exit code. */
const EXIT_CODE_OFFSET = 64;

/** What grpcurl's `-format-error` prints. */
export interface Refusal {
  /** As https://grpc.io/docs/guides/status-codes numbers them. */
  code: number;
  message: string;
  details: ({ '@type': string } & Record<string, unknown>)[];
}

/** grpcurl at the version that its go.mod pins, built where it is not yet; undefined where there is no Go to build it. */
export async function obtainGrpcurl(): Promise<string | undefined> {
  if (isExecutable(EXECUTABLE)) return EXECUTABLE;
  const run = promisify(execFile);
  const hasGo = await run('go', ['version']).then(
    () => true,
    () => false,
  );
  if (!hasGo) return undefined;
  const folder = await mkdtemp(join(ROOT, '.tools', 'grpcurl-'));
  const built = join(folder, 'grpcurl');
  const env = { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' };
  await run('go', ['build', '-trimpath', '-o', built, PACKAGE], { cwd: MODULE, env });
  // Somebody else may have built it meanwhile.
  await link(built, EXECUTABLE).catch(() => undefined);
  await rm(folder, { recursive: true });
  return EXECUTABLE;
}

/** Calls one server as a person with grpcurl does, who knows the API by reflection alone. */
export class Grpcurl {
  readonly #executable: string;
  readonly #address: string;
  readonly #token: string;

  constructor(executable: string, { address, token }: { address: string; token: string }) {
    this.#executable = executable;
    this.#address = address;
    this.#token = token;
  }

  /** What `list` or `describe` prints, to whoever asks. */
  async text(...command: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(this.#executable, ['-plaintext', this.#address, ...command]);
    return stdout;
  }

  /** @throws Error where the answer is not a message */
  async call<Response>(method: string, request: object): Promise<Response> {
    const { messages, refusal } = await this.#run<Response>(method, request);
    const [message] = messages;
    if (refusal || message === undefined) throw new Error(`${method}: ${JSON.stringify(refusal)}`);
    return message;
  }

  /** @throws Error where the request is not refused */
  async refused(method: string, request: object): Promise<Refusal> {
    const { messages, refusal } = await this.#run(method, request);
    if (!refusal) throw new Error(`${method} was not refused but answered ${JSON.stringify(messages)}`);
    return refusal;
  }

  /** Reads a stream to its end, however it ends; `onMessage` sees each message as it comes. */
  stream<Response>(
    method: string,
    request: object,
    onMessage?: (message: Response) => void,
  ): Promise<{ messages: Response[]; refusal: Refusal | undefined }> {
    return this.#run<Response>(method, request, onMessage);
  }

  async #run<Response>(method: string, request: object, onMessage: (message: Response) => void = () => undefined) {
    // Not among the arguments, which everyone on this machine can read.
    const authorization = ['-expand-headers', '-H', 'authorization: Bearer ${SUPPLANT_TOKEN}'];
    const flags = ['-plaintext', '-format-error', ...authorization, '-d', JSON.stringify(request)];
    const child = spawn(this.#executable, [...flags, this.#address, `supplant.v1.${method}`], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, SUPPLANT_TOKEN: this.#token },
    });
    let told = '';
    child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString('utf8')));
    const closed = once(child, 'close') as Promise<[number | null]>;
    const messages: Response[] = [];
    for await (const message of printed<Response>(createInterface({ input: child.stdout }))) {
      messages.push(message);
      onMessage(message);
    }
    const [code] = await closed;
    if (code === 0) return { messages, refusal: undefined };
    if (code === null || code <= EXIT_CODE_OFFSET) throw new Error(`grpcurl ${method} ended with ${code}: ${told}`);
    return { messages, refusal: JSON.parse(told) as Refusal };
  }
}

/** grpcurl prints each message over many lines, of which only the last one is a closing brace alone. */
async function* printed<Message>(lines: AsyncIterable<string>): AsyncGenerator<Message> {
  let text = '';
  for await (const line of lines) {
    text += line;
    if (line !== '}' && line !== '{}') continue;
    yield JSON.parse(text) as Message;
    text = '';
  }
}
