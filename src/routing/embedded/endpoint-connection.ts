import { EndpointSocket } from './endpoint-socket.ts';
import { ConnectError, LostError, SilenceError } from './faults.ts';
import type { FlatHeaders } from './headers.ts';
import type { AnswerHead } from './http1/answer-head.ts';
import { type AnswerListener, AnswerParser, type Question } from './http1/answer-parser.ts';
import { LIMITS } from './limits.ts';
import type { Upstream } from './target.ts';

/** One exchange, as its connection sees it. The last three are the end of it, and exactly one of them comes. */
export interface ConnectionUser {
  /** The connection stands: the request can be sent. */
  onReady(connection: EndpointConnection): void;
  onInformation(head: AnswerHead): void;
  onHead(head: AnswerHead): void;
  /** @param last nothing but the end follows, and at once */
  onData(data: Buffer, last: boolean): void;
  /** The answer is complete. The request may not be. */
  onEnd(trailers: FlatHeaders): void;
  /** All that came in one piece has been handed over. */
  onPause(): void;
  /** More can be written. */
  onDrain(): void;
  /** The connection has done its part, or takes no more of the request after a complete answer. */
  onRelease(): void;
  /** No complete answer comes. */
  onFailure(error: Error): void;
  /** The connection is no longer HTTP but this socket, to which nobody else listens. `rest` came on it already. */
  onSwitch(head: AnswerHead, rest: Buffer, socket: EndpointSocket): void;
}

/** Where connections go when they are free, and are known to be gone. */
export interface ConnectionOwner {
  onFree(connection: EndpointConnection): void;
  onGone(connection: EndpointConnection): void;
}

/** One connection to an endpoint. Its user changes with each request; while it is idle it has none. */
export class EndpointConnection implements AnswerListener {
  readonly #socket = new EndpointSocket();
  readonly #parser = new AnswerParser();
  readonly #owner: ConnectionOwner;
  #user: ConnectionUser | undefined;
  #connected = false;
  #requestEnded = false;
  #answerEnded = false;
  #persistent = true;
  /** The time-out is the one for a body. */
  #streaming = false;
  /** It has carried an exchange before, so it may have been closed just as this one began. */
  reused = false;
  /** How long it may be idle. */
  idleMs: number = LIMITS.endpointIdleMs;
  /** Since when it is idle, on the clock of `performance.now()`. */
  idleSince = 0;

  constructor(upstream: Upstream, user: ConnectionUser, owner: ConnectionOwner) {
    this.#owner = owner;
    this.#user = user;
    const socket = this.#socket;
    socket.setNoDelay(true);
    socket.setTimeout(LIMITS.connectMs);
    socket.on('connect', () => this.#connect());
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    socket.on('drain', () => this.#user?.onDrain());
    socket.on('end', () => this.#endReading());
    socket.on('timeout', () => this.#fail(this.#silence()));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new LostError()));
    socket.connect({ host: upstream.host, port: upstream.port });
  }

  /** Some part of the present answer has come. */
  get answerBegun(): boolean {
    return this.#parser.begun;
  }

  /** Takes the idle connection for the next request. */
  reuse(user: ConnectionUser): void {
    this.#user = user;
    this.reused = true;
    user.onReady(this);
  }

  /** Sends a head. The body follows by {@link write}, and {@link endRequest} even where there is none. */
  ask(question: Question, head: string): void {
    this.#requestEnded = false;
    this.#answerEnded = false;
    this.#parser.expect(question, this);
    this.#socket.write(head, 'latin1');
  }

  /** @returns false when the caller should wait for `onDrain` */
  write(bytes: Buffer): boolean {
    return this.#socket.write(bytes);
  }

  /** @returns false when the caller should wait for `onDrain` */
  writeChunk(bytes: Buffer): boolean {
    this.#socket.cork();
    this.#socket.write(`${bytes.length.toString(16)}\r\n`, 'latin1');
    this.#socket.write(bytes);
    const more = this.#socket.write('\r\n', 'latin1');
    this.#socket.uncork();
    return more;
  }

  /** @param last what ends the body on the wire */
  endRequest(last = ''): void {
    if (last !== '') this.#socket.write(last, 'latin1');
    this.#requestEnded = true;
    this.#finish();
  }

  /** No limit while a client takes its time over a body. */
  waitForRequest(): void {
    this.#socket.setTimeout(0);
  }

  waitForAnswer(): void {
    this.#socket.setTimeout(LIMITS.answerHeadMs);
  }

  /** Tells the endpoint that nothing more comes, as the client did. */
  endWriting(): void {
    this.#persistent = false;
    this.#socket.end();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Closes it; its user hears nothing more. */
  destroy(): void {
    this.#user = undefined;
    this.#owner.onGone(this);
    this.#socket.destroy();
  }

  onInformation(head: AnswerHead): void {
    this.#user?.onInformation(head);
  }

  onHead(head: AnswerHead): void {
    this.#persistent &&= head.persistent && head.framing !== 'close';
    this.idleMs = head.keepAliveSeconds === undefined ? LIMITS.endpointIdleMs : (head.keepAliveSeconds - 1) * 1000;
    this.#user?.onHead(head);
  }

  onData(data: Buffer, last: boolean): void {
    this.#user?.onData(data, last);
  }

  onEnd(trailers: FlatHeaders): void {
    this.#answerEnded = true;
    this.#user?.onEnd(trailers);
  }

  onSwitch(head: AnswerHead, rest: Buffer): void {
    const user = this.#user;
    this.#user = undefined;
    this.#owner.onGone(this);
    for (const event of ['data', 'drain', 'end', 'timeout', 'error', 'close']) this.#socket.removeAllListeners(event);
    this.#socket.setTimeout(0);
    this.#socket.pause();
    user?.onSwitch(head, rest, this.#socket);
  }

  #connect(): void {
    this.#connected = true;
    this.#socket.setTimeout(LIMITS.answerHeadMs);
    this.#user?.onReady(this);
  }

  #read(bytes: Buffer): void {
    try {
      // Whatever comes while nothing was asked answers nothing, and is refused by the parser too.
      this.#parser.read(bytes);
    } catch (error) {
      this.#fail(error as Error);
      return;
    }
    if (this.#user === undefined) return;
    this.#user.onPause();
    if (this.#answerEnded) this.#finish();
    else if (!this.#streaming && this.#parser.inBody) this.#stream(true);
  }

  #stream(streaming: boolean): void {
    this.#streaming = streaming;
    this.#socket.setTimeout(streaming ? LIMITS.answerSilenceMs : LIMITS.answerHeadMs);
  }

  #endReading(): void {
    try {
      if (this.#parser.endWithConnection()) this.#finish();
      else this.#fail(new LostError());
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  /** Lets its user go once answer and request are over, or nobody reads the rest of the request. */
  #finish(): void {
    const user = this.#user;
    if (user === undefined || !this.#answerEnded) return;
    const open = this.#persistent && this.#socket.writeError === undefined;
    if (open && !this.#requestEnded) return;
    if (open) this.#free();
    else this.destroy();
    user.onRelease();
  }

  #free(): void {
    this.#user = undefined;
    if (this.#streaming) this.#stream(false);
    if (this.#socket.isPaused()) this.#socket.resume();
    this.#owner.onFree(this);
  }

  #silence(): Error {
    return this.#connected ? new SilenceError() : new Error(`no connection within ${LIMITS.connectMs / 1000} s`);
  }

  #fail(error: Error): void {
    const user = this.#user;
    this.destroy();
    if (this.#answerEnded) user?.onRelease();
    else user?.onFailure(this.#connected ? error : new ConnectError(error));
  }
}
