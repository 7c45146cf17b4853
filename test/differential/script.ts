/** Names and values in turn are pairs here: the order and the letters are part of what is compared. */
export type Fields = [name: string, value: string][];

/** A body, cut into the pieces in which it is written. `length` and `close` have no trailers. */
export interface BodyScript {
  framing: 'none' | 'length' | 'chunked' | 'close';
  pieces: number[];
  trailers: Fields;
  /** Says in `Trailer` what trailers come. */
  announces: boolean;
}

/** What a client sends. */
export interface RequestScript {
  method: string;
  target: string;
  /** What `Host` says; a whole URL may name another one. */
  host: string;
  version: '1.0' | '1.1';
  fields: Fields;
  body: BodyScript;
  /** Sends `Expect: 100-continue` and keeps the body back until something is answered. */
  expects: boolean;
  /** Asks for the protocol `echo`. */
  upgrades: boolean;
  /** Stops in the middle of its body and shuts down writing, as the last request of its connection. */
  breaksOff: boolean;
}

/** What a service answers to it. */
export interface AnswerScript {
  informational: { status: number; fields: Fields }[];
  version: '1.0' | '1.1';
  status: number;
  reason: string;
  fields: Fields;
  body: BodyScript;
  /** Answers on seeing the head of the request, before it reads the body. */
  early: boolean;
  /** Closes the connection with the answer, and reads no more of the request. */
  closes: boolean;
  /** `breaks`: closes in the middle of its body; `silent`: closes without an answer. */
  fault: 'none' | 'breaks' | 'silent';
}

/** One connection of a client: its requests, and the answers to them. */
export interface ExchangeScript {
  exchanges: { request: RequestScript; answer: AnswerScript }[];
  /** Sends all its requests before it reads. */
  pipelined: boolean;
  /** Shuts down its writing side after the last request. */
  halfCloses: boolean;
  /** Waits a moment between the pieces of what it writes; so does the service. */
  slow: boolean;
}

/** What a script is about, for the count. One may be of several kinds. */
export function kindsOf({ exchanges, pipelined, halfCloses, slow }: ExchangeScript): string[] {
  const has = (test: (exchange: ExchangeScript['exchanges'][number]) => boolean) => exchanges.some(test);
  const bytes = (body: BodyScript) => body.pieces.reduce((sum, piece) => sum + piece, 0);
  const odd = (text: string) => /[\x80-\xff]/.test(text);
  const kinds: Record<string, boolean> = {
    'early answer': has(({ answer }) => answer.early),
    'early answer to more than 128 KiB': has(({ request, answer }) => answer.early && bytes(request.body) > 131_072),
    'half-closed request': halfCloses,
    'request that breaks off': has(({ request }) => request.breaksOff),
    'request trailers': has(({ request }) => request.body.trailers.length > 0),
    'answer trailers': has(({ answer }) => answer.body.trailers.length > 0),
    'informational answer': has(({ answer }) => answer.informational.length > 0),
    'expects 100-continue': has(({ request }) => request.expects),
    'bytes above 0x7f': has(
      ({ request, answer }) =>
        odd(answer.reason) || [...request.fields, ...answer.fields].some(([, value]) => odd(value)),
    ),
    'head above 16 KiB': has(({ answer }) => answer.fields.some(([, value]) => value.length > 16_384)),
    'connection used again': exchanges.length > 1,
    'requests sent ahead': pipelined && exchanges.length > 1,
    'body until close': has(({ answer }) => answer.body.framing === 'close'),
    'HTTP/1.0': has(({ request, answer }) => request.version === '1.0' || answer.version === '1.0'),
    'absolute target': has(({ request }) => request.target.startsWith('http')),
    'answer that breaks off': has(({ answer }) => answer.fault === 'breaks'),
    'no answer': has(({ answer }) => answer.fault === 'silent'),
    'other protocol': has(({ request }) => request.upgrades || request.method === 'CONNECT'),
    'in slow pieces': slow,
  };
  return Object.keys(kinds).filter((kind) => kinds[kind]);
}
