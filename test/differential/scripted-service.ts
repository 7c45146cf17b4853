import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { bodyPieces, framingFields, headText, writeAll } from './bodies.ts';
import { type Message, MessageReader, valueOf } from './message-reader.ts';
import type { AnswerScript, ExchangeScript } from './script.ts';

/** The header by which the service knows what it is to answer: `RUN.INDEX`. */
export const EXCHANGE_HEADER = 'x-exchange';

/** What the service saw of one run of a script. */
export class ServiceRun {
  readonly script: ExchangeScript;
  /** By index; a request that came twice is there twice. */
  readonly requests: Message[][];
  readonly #reading: Promise<unknown>[] = [];

  constructor(script: ExchangeScript) {
    this.script = script;
    this.requests = script.exchanges.map(() => []);
  }

  add(index: number, request: Message, read: Promise<unknown>): void {
    this.requests[index]?.push(request);
    this.#reading.push(read);
  }

  /** Once nothing more comes of the requests that have come. */
  async settle(): Promise<void> {
    await Promise.all(this.#reading);
  }
}

/** A service on bare sockets that answers as scripts say, and notes what it was asked. */
export class ScriptedService {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #runs = new Map<string, ServiceRun>();

  private constructor() {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#serve(socket));
  }

  static async start(): Promise<ScriptedService> {
    const service = new ScriptedService();
    await once(service.#server.listen(0, '127.0.0.1'), 'listening');
    return service;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  expect(run: string, script: ExchangeScript): ServiceRun {
    const expected = new ServiceRun(script);
    this.#runs.set(run, expected);
    return expected;
  }

  forget(run: string): void {
    this.#runs.delete(run);
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      reader.end();
    });
    socket.on('error', () => socket.destroy());
    /** Answers go out in the order of the requests. */
    let before = Promise.resolve();
    let bodyRead = Promise.withResolvers<undefined>();
    const reader = new MessageReader(
      framingOfRequest,
      (message) => {
        const [run, index] = (valueOf(message, EXCHANGE_HEADER) ?? '').split('.');
        const known = this.#runs.get(run ?? '');
        const exchange = known?.script.exchanges[Number(index)];
        if (!known || !exchange) {
          socket.destroy();
          return;
        }
        bodyRead = Promise.withResolvers<undefined>();
        known.add(Number(index), message, bodyRead.promise);
        const ready = exchange.answer.early ? Promise.resolve() : bodyRead.promise;
        const { answer, request } = exchange;
        if (answer.status === 101 || (request.method === 'CONNECT' && answer.status === 200)) reader.switched = true;
        before = before.then(async () => {
          if (request.expects && !answer.early)
            await writeAll(socket, [Buffer.from('HTTP/1.1 100 Continue\r\n\r\n')], false);
          await ready;
          await answerTo(socket, answer, known.script.slow, request.method);
          if (reader.switched) echo(socket, reader);
        });
      },
      () => bodyRead.resolve(undefined),
    );
    socket.on('data', (bytes: Buffer) => reader.read(bytes));
    socket.on('end', () => {
      reader.end();
      void before.then(() => socket.end());
    });
  }
}

async function answerTo(socket: Socket, answer: AnswerScript, slow: boolean, method: string): Promise<void> {
  if (answer.fault === 'silent') {
    socket.destroy();
    return;
  }
  const informational = answer.informational.map(({ status, fields }) => headText(`HTTP/1.1 ${status} Wait`, fields));
  const switches = answer.status === 101 || (method === 'CONNECT' && answer.status === 200);
  const connection: [string, string][] =
    answer.status === 101
      ? [
          ['Connection', 'Upgrade'],
          ['Upgrade', 'echo'],
        ]
      : [];
  const closing: [string, string][] = answer.closes && !switches ? [['Connection', 'close']] : [];
  const head = headText(`HTTP/${answer.version} ${answer.status} ${answer.reason}`, [
    ...answer.fields,
    ...connection,
    ...closing,
    ...framingFields(answer.body),
  ]);
  const body = bodyPieces(answer.body);
  const heads = [...informational, head].map((text) => Buffer.from(text, 'latin1'));
  const whole = slow ? [...heads, ...body] : [Buffer.concat([...heads, ...body.slice(0, 1)]), ...body.slice(1)];
  if (answer.fault === 'breaks') {
    const last = whole.pop() ?? Buffer.alloc(0);
    await writeAll(socket, [...whole, last.subarray(0, last.length - 1)], slow);
  } else await writeAll(socket, whole, slow);
  if (!answer.closes || switches) return;
  // With what is unread this is a reset, as from most servers.
  socket.end(() => socket.destroy());
}

function echo(socket: Socket, reader: MessageReader): void {
  socket.write('hello ');
  for (const bytes of reader.raw.splice(0)) socket.write(bytes);
  reader.raw.push = (...pieces: Buffer[]) => {
    for (const bytes of pieces) socket.write(bytes);
    return 0;
  };
}

function framingOfRequest(message: Message): number | 'chunked' {
  if (valueOf(message, 'transfer-encoding') !== undefined) return 'chunked';
  return Number(valueOf(message, 'content-length') ?? 0);
}
