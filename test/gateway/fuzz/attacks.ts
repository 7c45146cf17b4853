import { type DescMethod, type Message, toBinary, toJsonString } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { AuditService } from '../../../src/contract/gen/supplant/v1/audit_pb.ts';
import { DriftService } from '../../../src/contract/gen/supplant/v1/drift_pb.ts';
import { ExperimentService } from '../../../src/contract/gen/supplant/v1/experiments_pb.ts';
import { PreviewService } from '../../../src/contract/gen/supplant/v1/previews_pb.ts';
import { HostService } from '../../../src/contract/gen/supplant/v1/hosts_pb.ts';
import { ReaperService } from '../../../src/contract/gen/supplant/v1/reaper_pb.ts';
import { RolloutService } from '../../../src/contract/gen/supplant/v1/rollouts_pb.ts';
import { ServiceService } from '../../../src/contract/gen/supplant/v1/services_pb.ts';
import { messages } from './messages.ts';
import { type Shot, envelope } from './wire.ts';

/** One request, and what is known of it beforehand. */
export interface Attack {
  kind: string;
  shot: Shot;
  /** It cannot be read as a request, so it must be refused. */
  unreadable: boolean;
  /** Where it asks to do nothing. */
  validateOnly?: boolean;
  /** The server may hang up on it in place of an answer. */
  mayHangUp?: boolean;
}

const SERVICES = [
  RolloutService,
  ServiceService,
  ExperimentService,
  PreviewService,
  DriftService,
  ReaperService,
  HostService,
  AuditService,
];
const METHODS: readonly DescMethod[] = SERVICES.flatMap(({ methods }) => methods);

/** Streams without an end have to be ended; in milliseconds, with room for a busy machine. */
const STREAM_MS = 20;
const UNARY_MS = 4_000;
const MEBIBYTE = 2 ** 20;

const pathOf = (method: DescMethod): string => `/${method.parent.typeName}/${method.name}`;
const isStream = ({ methodKind }: DescMethod): boolean => methodKind !== 'unary';

type Protocol = 'grpc' | 'grpc-web' | 'connect' | 'json';

interface Sent {
  method: DescMethod;
  protocol: Protocol;
  version: Shot['version'];
}

const sent = fc.record({
  method: fc.constantFrom(...METHODS),
  protocol: fc.constantFrom<Protocol>('grpc', 'grpc-web', 'connect', 'json'),
  version: fc.constantFrom<Shot['version']>('1.1', '2'),
});

/** With all the headers that a client of the protocol sends. */
function shot({ method, protocol, version }: Sent, bytes: Uint8Array, headers: Record<string, string> = {}): Shot {
  const stream = isStream(method);
  const ms = stream ? STREAM_MS : UNARY_MS;
  const isFramed = stream || protocol.startsWith('grpc');
  const types: Record<Protocol, string> = {
    grpc: 'application/grpc+proto',
    'grpc-web': 'application/grpc-web+proto',
    connect: stream ? 'application/connect+proto' : 'application/proto',
    json: stream ? 'application/connect+json' : 'application/json',
  };
  const timeout = protocol.startsWith('grpc') ? { 'grpc-timeout': `${ms}m` } : { 'connect-timeout-ms': `${ms}` };
  return {
    // Trailers, and so gRPC, are read over HTTP/2.
    version: protocol === 'grpc' ? '2' : version,
    ...{ path: pathOf(method), method: 'POST', body: isFramed ? envelope(bytes) : bytes },
    headers: { 'content-type': types[protocol], te: 'trailers', ...timeout, ...headers },
  };
}

/** As bytes; what JSON cannot say (a duration of a million years) goes as it would in binary. */
function encoded(message: Message, method: DescMethod, protocol: Protocol): { bytes: Uint8Array; protocol: Protocol } {
  if (protocol === 'json') {
    try {
      return { bytes: Buffer.from(toJsonString(method.input, message)), protocol };
    } catch {
      return { bytes: toBinary(method.input, message), protocol: 'connect' };
    }
  }
  return { bytes: toBinary(method.input, message), protocol };
}

const wellFormed = sent.chain(({ method, protocol, version }) =>
  messages(method.input).map((message): Attack => {
    const { bytes, protocol: fitting } = encoded(message, method, protocol);
    const { validateOnly = false } = message as Message & { validateOnly?: boolean };
    const request = shot({ method, protocol: fitting, version }, bytes);
    return { kind: 'well-formed', shot: request, unreadable: false, validateOnly };
  }),
);

/** A good message with some bytes changed, taken out or put in. May still be one. */
const broken = fc
  .tuple(
    wellFormed,
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 }), fc.constantFrom('set', 'cut', 'add')), {
      minLength: 1,
      maxLength: 4,
    }),
  )
  .map(([attack, changes]): Attack => {
    const body = [...attack.shot.body.subarray(0, 4096)];
    for (const [where, value, how] of changes) {
      const at = where % (body.length + 1);
      if (how === 'set') body[at] = value;
      else if (how === 'cut') body.splice(at);
      else body.splice(at, 0, value);
    }
    return { kind: 'broken bytes', shot: { ...attack.shot, body: Buffer.from(body) }, unreadable: false };
  });

const frames = fc
  .tuple(
    sent,
    fc.uint8Array({ maxLength: 60 }),
    fc.nat({ max: 255 }),
    fc.constantFrom(0, 1, 59, 10_000, MEBIBYTE + 1, 2 ** 32 - 1),
    fc.constantFrom('', 'identity', 'gzip', 'br', 'zstd', 'x'.repeat(200)),
  )
  .map(([{ method, protocol, version }, bytes, flags, length, encoding]): Attack => {
    const framed = protocol === 'json' ? 'grpc' : protocol;
    const base = shot(
      { method, protocol: framed, version },
      bytes,
      encoding === '' ? {} : { 'grpc-encoding': encoding },
    );
    return { kind: 'malformed frame', shot: { ...base, body: envelope(bytes, { flags, length }) }, unreadable: false };
  });

const JSON_TEXTS = [
  '',
  '{',
  '[]',
  'null',
  '"a"',
  '{"name":1}',
  '{"name":null,"name":"x","validateonly":true}',
  '{"__proto__":{"parent":"services/web/environments/production"}}',
  '{"parent":"services/web/environments/production","remove":{},"validateonly":true}',
  '{"parent":"services/web/environments/production","remove":{},"requestId":"a","request_id":"b"}',
  '{"parent":"services/web/environments/production","remove":{},"rollback":{}}',
  '{"parent":"services/web/environments/production","remove":{}}}',
  '{"parent":"services/web/environments/production","remove":{}',
  '\ufeff{"parent":"services/web/environments/production"',
  `{"spec":{"blueprint":{"config":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}}}`,
  '['.repeat(100_000),
  `{"pageSize":1e400,"x":0}`,
];

const jsonText = fc
  .tuple(
    sent,
    fc.oneof(
      fc.constantFrom(...JSON_TEXTS),
      fc.string({ maxLength: 200 }).map((text) => `{${text}`),
    ),
  )
  .map(([{ method, version }, text]): Attack => {
    const request = shot({ method, protocol: 'json', version }, Buffer.from(text));
    return { kind: 'malformed JSON', shot: request, unreadable: false };
  });

const misspelt = sent.chain(({ method, version }) =>
  messages(method.input).map((message): Attack => {
    const { bytes } = encoded(message, method, 'json');
    const text = Buffer.from(bytes).toString().replace(/^\{/, '{"validateonly":true,').replace(/,\}$/, '}');
    const request = shot({ method, protocol: 'json', version }, Buffer.from(text));
    return { kind: 'unknown field', shot: request, unreadable: true };
  }),
);

const huge = fc.tuple(sent, fc.constantFrom(MEBIBYTE + 1, 3 * MEBIBYTE)).map(([where, size]): Attack => {
  const request = shot(where, Buffer.alloc(size, ' '));
  return { kind: 'huge', shot: request, unreadable: true, mayHangUp: true };
});

const TYPES = [
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/grpc+thrift',
  'application/xml',
  'application/jsonp',
  '*/*',
  'application/connect+yaml',
];

const wrongType = fc.tuple(wellFormed, fc.constantFrom(...TYPES)).map(([attack, type]): Attack => {
  const headers = { ...attack.shot.headers, 'content-type': type };
  return { kind: 'wrong content type', shot: { ...attack.shot, headers }, unreadable: true };
});

const PATHS = ['/', '/%', '/supplant.v1.RolloutService/', '/supplant.v1.RolloutService/createrollout', '//x', '/?a=b'];
const headerText = fc.string({
  maxLength: 60,
  unit: fc.constantFrom(...'abc123-_.;:/=, !"%\u00e9\u0080'.split(/(?:)/u)),
});

const strangeHttp = fc
  .tuple(
    wellFormed,
    fc.constantFrom<Shot['method']>('POST', 'GET', 'PUT'),
    fc.option(fc.constantFrom(...PATHS), { nil: undefined }),
    fc.dictionary(
      fc.constantFrom('grpc-timeout', 'connect-timeout-ms', 'connect-protocol-version', 'content-encoding', 'accept'),
      headerText,
    ),
  )
  .map(([attack, method, path, more]): Attack => {
    const { shot: base, validateOnly = false } = attack;
    // An endless stream needs its own limit.
    const headers =
      base.headers['grpc-timeout'] || base.headers['connect-timeout-ms'] ? { ...more, ...base.headers } : more;
    const body = method === 'GET' ? new Uint8Array() : base.body;
    return {
      kind: 'strange HTTP',
      shot: { ...base, method, body, headers, path: path ?? base.path },
      unreadable: method !== 'POST' || path !== undefined,
      validateOnly,
    };
  });

/** Requests of every kind, mostly of those that get furthest. */
export const attacks: fc.Arbitrary<Attack> = fc.oneof(
  { weight: 45, arbitrary: wellFormed },
  { weight: 20, arbitrary: broken },
  { weight: 12, arbitrary: frames },
  { weight: 10, arbitrary: jsonText },
  { weight: 6, arbitrary: misspelt },
  { weight: 6, arbitrary: wrongType },
  { weight: 6, arbitrary: strangeHttp },
  { weight: 1, arbitrary: huge },
);
