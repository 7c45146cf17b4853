import { EventEmitter, once } from 'node:events';
import type { NetConnectOpts } from 'node:net';
import { EndpointSocket } from '../../src/routing/embedded/endpoint-socket.ts';
import { bodyPieces, framingFields, headText, writeAll } from './bodies.ts';
import { type Message, MessageReader, valueOf } from './message-reader.ts';
import type { ExchangeScript, RequestScript } from './script.ts';
import { EXCHANGE_HEADER } from './scripted-service.ts';

/** What the client got for one request. */
export interface ClientAnswer {
  informational: Message[];
  /** Undefined when the connection ended without one. */
  final: Message | undefined;
  /** What came after a switch of protocols. */
  raw: string;
}

export interface ClientRun {
  answers: ClientAnswer[];
  /** How many connections it took: one, unless it was closed before the last request. */
  connections: number;
  /** Something was waited for that never came. */
  hung: boolean;
}

/**
 * Plays the client's part of a script against whoever listens there.
 * @param patienceMs after so long on one connection, what was not answered is taken to hang
 */
export async function playClient(
  to: NetConnectOpts,
  run: string,
  script: ExchangeScript,
  patienceMs: number,
): Promise<ClientRun> {
  const result: ClientRun = { answers: [], connections: 0, hung: false };
  let next = 0;
  while (next < script.exchanges.length && result.connections < script.exchanges.length && !result.hung) {
    result.connections += 1;
    const connection = new ScriptedConnection(to, run, script, next);
    const answers = await connection.play(patienceMs);
    result.hung = connection.hung;
    // A client whose connection was closed before its next request opens another one.
    result.answers.push(...answers);
    next += answers.length;
  }
  return result;
}

class ScriptedConnection {
  readonly #socket = new EndpointSocket();
  readonly #run: string;
  readonly #script: ExchangeScript;
  readonly #from: number;
  readonly #answers: ClientAnswer[] = [];
  #reader: MessageReader;
  /** Told of each informational answer, of each end of an answer, and of the end of the connection. */
  readonly #events = new EventEmitter().setMaxListeners(0);
  #ended = false;
  hung = false;

  constructor(to: NetConnectOpts, run: string, script: ExchangeScript, from: number) {
    this.#run = run;
    this.#script = script;
    this.#from = from;
    this.#reader = new MessageReader(
      (message) => this.#framingOf(message),
      (message) => this.#head(message),
      () => this.#events.emit('news'),
    );
    const socket = this.#socket;
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => this.#reader.read(bytes));
    socket.on('error', () => undefined);
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.#ended = true;
        this.#reader.end();
        this.#events.emit('news');
      });
    }
    socket.connect(to);
  }

  async play(patienceMs: number): Promise<ClientAnswer[]> {
    const timer = setTimeout(() => {
      this.hung = true;
      this.#socket.destroy();
      this.#events.emit('news');
    }, patienceMs);
    const { exchanges, pipelined, halfCloses } = this.#script;
    let sent: Promise<unknown> = Promise.resolve();
    for (let index = this.#from; index < exchanges.length; index += 1) {
      this.#answers.push({ informational: [], final: undefined, raw: '' });
      const { request } = exchanges[index]!;
      const last = index === exchanges.length - 1;
      sent = sent.then(() => this.#send(request, index)).then(() => last && halfCloses && this.#socket.end());
      if (!pipelined) await this.#until(() => this.#answered(index));
      if (!pipelined && (this.#ended || this.#closes(index))) break;
    }
    await this.#until(() => this.#answers.every((_, offset) => this.#answered(this.#from + offset)));
    await this.#endRaw();
    await sent;
    this.#socket.end();
    await this.#until(() => this.#ended);
    clearTimeout(timer);
    this.#socket.destroy();
    return this.#answers;
  }

  async #send(request: RequestScript, index: number): Promise<void> {
    const head = headText(`${request.method} ${request.target} HTTP/${request.version}`, [
      ['Host', request.host],
      [EXCHANGE_HEADER, `${this.#run}.${index}`],
      ...(request.upgrades
        ? ([
            ['Connection', 'Upgrade'],
            ['Upgrade', 'echo'],
          ] as [string, string][])
        : []),
      ...(request.expects ? ([['Expect', '100-continue']] as [string, string][]) : []),
      ...request.fields,
      ...framingFields(request.body),
    ]);
    const pieces = request.breaksOff ? brokenOff(bodyPieces(request.body)) : bodyPieces(request.body);
    const { slow } = this.#script;
    await writeAll(this.#socket, slow || request.expects ? [Buffer.from(head, 'latin1')] : [], slow);
    if (request.expects) {
      const answer = this.#answers[index - this.#from]!;
      await this.#until(() => answer.informational.length > 0 || answer.final !== undefined || this.#ended);
      // Refused: what was not sent need not be.
      if (answer.final !== undefined && answer.informational.every(({ line }) => !line.includes(' 100 '))) return;
    }
    const whole =
      slow || request.expects
        ? pieces
        : [Buffer.concat([Buffer.from(head, 'latin1'), ...pieces.slice(0, 1)]), ...pieces.slice(1)];
    await writeAll(this.#socket, whole, slow);
  }

  async #endRaw(): Promise<void> {
    if (!this.#reader.switched) return;
    await writeAll(this.#socket, [Buffer.from('ping')], false);
    this.#socket.end();
    await this.#until(() => this.#ended);
    this.#answers.at(-1)!.raw = Buffer.concat(this.#reader.raw).toString('latin1');
  }

  #answered(index: number): boolean {
    const final = this.#answers[index - this.#from]?.final;
    return this.#ended || final?.complete === true || (final !== undefined && this.#reader.switched);
  }

  #closes(index: number): boolean {
    const final = this.#answers[index - this.#from]?.final;
    return final !== undefined && valueOf(final, 'connection')?.toLowerCase() === 'close';
  }

  /** The answer that comes next: the first without a final one. */
  #open(): ClientAnswer | undefined {
    return this.#answers.find(({ final }) => final === undefined);
  }

  #head(message: Message): void {
    const open = this.#open();
    const status = statusOf(message);
    if (!open) return;
    if (status < 200 && status !== 101) {
      open.informational.push(message);
      this.#events.emit('news');
    } else {
      open.final = message;
      this.#reader.switched = status === 101 || (this.#methodOf(open) === 'CONNECT' && status < 300);
    }
  }

  #framingOf(message: Message): number | 'chunked' | 'close' {
    const status = statusOf(message);
    const open = this.#open();
    const method = open === undefined ? 'GET' : this.#methodOf(open);
    if (status < 200 || status === 204 || status === 304 || method === 'HEAD') return 0;
    if (method === 'CONNECT' && status < 300) return 0;
    if (valueOf(message, 'transfer-encoding') !== undefined) return 'chunked';
    const length = valueOf(message, 'content-length');
    return length === undefined ? 'close' : Number(length);
  }

  #methodOf(answer: ClientAnswer): string {
    return this.#script.exchanges[this.#from + this.#answers.indexOf(answer)]!.request.method;
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds() && !this.hung) {
      await once(this.#events, 'news');
    }
  }
}

/** The first half of their bytes. */
function brokenOff(pieces: readonly Buffer[]): Buffer[] {
  let left = pieces.reduce((sum, { length }) => sum + length, 0) >> 1;
  return pieces.flatMap((piece) => {
    const kept = piece.subarray(0, left);
    left -= kept.length;
    return kept.length > 0 ? [kept] : [];
  });
}

export function statusOf({ line }: Message): number {
  return Number(line.split(' ')[1]);
}
