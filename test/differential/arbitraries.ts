import fc from 'fast-check';
import type { AnswerScript, BodyScript, ExchangeScript, Fields, RequestScript } from './script.ts';

const TOKEN_CHARACTERS = 'abcdefghijklmnopqrstuvwxyzABCXYZ0189-_.!#$%&*+^`|~'.split('');
/** Field values by RFC 9110, 5.5: visible characters and bytes from 0x80 on, with blanks and tabs between. */
const VALUE_CHARACTERS = [...Array(95).keys()]
  .map((code) => String.fromCharCode(code + 32))
  .concat('\t', ...['\x80', '\xa0', '\xc3\xa4', '\xe2\x82\xac', '\xfe', '\xff']);

const token = fc.string({ unit: fc.constantFrom(...TOKEN_CHARACTERS), minLength: 1, maxLength: 12 });
const text = (maxLength: number) =>
  fc
    .string({ unit: fc.constantFrom(...VALUE_CHARACTERS), maxLength })
    .map((value) => value.replace(/^[ \t]+|[ \t]+$/g, ''));
const value = fc.oneof({ weight: 20, arbitrary: text(30) }, { weight: 1, arbitrary: fc.constant('v'.repeat(2000)) });
/** Own names only: what a header that is known means is not the question here. */
const field = fc.tuple(
  token.map((name) => `x-${name}`),
  value,
);
const fields: fc.Arbitrary<Fields> = fc.array(field, { maxLength: 5 });
const trailers = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Fields>([]) },
  { weight: 1, arbitrary: fc.array(field, { minLength: 1, maxLength: 4 }) },
);

const pieces: fc.Arbitrary<number[]> = fc.oneof(
  { weight: 6, arbitrary: fc.array(fc.nat(2000), { minLength: 1, maxLength: 4 }) },
  { weight: 2, arbitrary: fc.array(fc.constantFrom(1, 16_383, 16_384, 65_536), { minLength: 1, maxLength: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom<number[][]>([131_072], [262_144], [300_000, 1], [1_000_000]) },
);
const body = (framings: readonly BodyScript['framing'][]): fc.Arbitrary<BodyScript> =>
  fc
    .record({ framing: fc.constantFrom(...framings), pieces, trailers, announces: fc.boolean() })
    .map(({ framing, ...rest }) => {
      if (framing === 'none') return { framing, pieces: [], trailers: [], announces: false };
      return framing === 'chunked'
        ? { framing, ...rest }
        : { framing, pieces: rest.pieces, trailers: [], announces: false };
    });

const path = fc
  .string({ unit: fc.constantFrom(...`abcXYZ019-._~!$&'()*+,;=:@/%?`.split('')), maxLength: 30 })
  .map((rest) => `/${rest.replaceAll('%', '%2F')}`);
const target = fc.oneof(
  { weight: 6, arbitrary: path },
  { weight: 1, arbitrary: path.map((rest) => `http://shop.example:8080${rest}`) },
);

const request: fc.Arbitrary<RequestScript> = fc
  .record({
    method: fc.constantFrom('GET', 'GET', 'HEAD', 'POST', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'),
    target,
    // HAProxy refuses two that differ, so most are the same.
    host: fc.constantFrom('shop.example:8080', 'shop.example:8080', 'shop.example:8080', 'other.example'),
    version: fc.constantFrom<('1.0' | '1.1')[]>('1.1', '1.1', '1.1', '1.1', '1.1', '1.0'),
    fields,
    body: body(['none', 'length', 'length', 'chunked', 'chunked']),
    expects: fc.nat(5).map((dice) => dice === 0),
    breaksOff: fc.nat(9).map((dice) => dice === 0),
  })
  .map((script) => {
    const bodiless =
      ['GET', 'HEAD', 'OPTIONS'].includes(script.method) ||
      (script.version === '1.0' && script.body.framing === 'chunked');
    const sent = bodiless ? { framing: 'none' as const, pieces: [], trailers: [], announces: false } : script.body;
    return {
      ...script,
      host: script.target.startsWith('/') ? 'shop.example' : script.host,
      body: sent,
      expects: script.expects && script.version === '1.1' && sent.pieces.some((piece) => piece > 0),
      upgrades: false,
      breaksOff: script.breaksOff && sent.pieces.some((piece) => piece > 1),
    };
  });

const informational: fc.Arbitrary<AnswerScript['informational']> = fc.array(
  fc.record({
    status: fc.constantFrom(100, 102, 103, 103, 103, 199),
    fields: fc.oneof(
      fields,
      fc.constant<Fields>([
        ['Link', '</a.css>; rel=preload; as=style, </b.js>; rel="preload"; as="script"; title="a, b"'],
      ]),
    ),
  }),
  { minLength: 1, maxLength: 3 },
);

const answer: fc.Arbitrary<AnswerScript> = fc.record({
  informational: fc.oneof(
    { weight: 3, arbitrary: fc.constant<AnswerScript['informational']>([]) },
    { weight: 1, arbitrary: informational },
  ),
  version: fc.constantFrom<('1.0' | '1.1')[]>('1.1', '1.1', '1.1', '1.1', '1.1', '1.1', '1.0'),
  status: fc.constantFrom(200, 200, 200, 201, 204, 206, 304, 401, 404, 413, 417, 500, 502, 503, 599),
  reason: fc.oneof(fc.constantFrom('OK', 'Fine', '', 'a  b'), text(20)),
  fields: fc.oneof(
    { weight: 8, arbitrary: fields },
    {
      weight: 1,
      arbitrary: fc.constant<Fields>([
        ['Set-Cookie', 'a=1'],
        ['set-cookie', 'b=2'],
        ['Date', 'Sun, 06 Nov 1994 08:49:37 GMT'],
      ]),
    },
    { weight: 1, arbitrary: fc.constantFrom(17_000, 40_000).map((size): Fields => [['x-long', 'l'.repeat(size)]]) },
  ),
  body: body(['length', 'length', 'chunked', 'chunked', 'close']),
  early: fc.nat(2).map((dice) => dice === 0),
  closes: fc.nat(4).map((dice) => dice === 0),
  fault: fc.constantFrom<AnswerScript['fault'][]>(...Array<'none'>(12).fill('none'), 'breaks', 'silent'),
});

/** Request and answer that HTTP allows together; `last` on their connection, or followed by another pair. */
function fit(request: RequestScript, answer: AnswerScript, last: boolean): ExchangeScript['exchanges'][number] {
  const sent = last ? request : { ...request, version: '1.1' as const, breaksOff: false };
  const given = { ...answer };
  if (sent.version === '1.0' || given.version === '1.0') {
    given.informational = [];
    if (given.body.framing === 'chunked')
      given.body = { framing: 'length', pieces: given.body.pieces, trailers: [], announces: false };
  }
  const total = given.body.pieces.reduce((sum, piece) => sum + piece, 0);
  const hasBody = sent.method !== 'HEAD' && given.status !== 204 && given.status !== 304;
  if (!last) {
    Object.assign(given, { closes: false, fault: 'none', version: '1.1' });
    if (given.body.framing === 'close') given.body = { ...given.body, framing: 'length' };
  }
  if (!hasBody) given.body = { framing: 'none', pieces: [], trailers: [], announces: false };
  if (given.fault === 'breaks' && (total < 2 || !hasBody || given.body.framing === 'close')) given.fault = 'none';
  if (sent.expects && given.early) {
    if (last) given.closes = true;
    else given.early = false;
  }
  if (given.version === '1.0' || given.body.framing === 'close' || given.fault !== 'none') given.closes = true;
  if (given.early && given.closes && sent.body.framing !== 'none' && hasBody) {
    // The close is a reset, since the request is unread, and takes with it what the client's kernel had no room for.
    const [size = 0] = given.body.pieces;
    given.body = {
      ...given.body,
      framing: given.body.framing === 'chunked' ? 'chunked' : 'length',
      pieces: [size % 2000],
    };
    if (given.fault === 'breaks') given.fault = 'none';
  }
  return { request: sent, answer: given };
}

const plain: fc.Arbitrary<ExchangeScript> = fc
  .record({
    pairs: fc.array(fc.tuple(request, answer), { minLength: 1, maxLength: 3 }),
    pipelined: fc.nat(3).map((dice) => dice === 0),
    halfCloses: fc.nat(3).map((dice) => dice === 0),
    slow: fc.nat(4).map((dice) => dice === 0),
  })
  .map(({ pairs, ...rest }) => {
    const exchanges = pairs.map(([asked, answered], index) => fit(asked, answered, index === pairs.length - 1));
    // Sent ahead, they could be reset together with an answer before them.
    const waits = exchanges.some(
      ({ request: { expects, body: sent }, answer: { early, closes } }) =>
        expects || (early && closes && sent.framing !== 'none'),
    );
    const breaksOff = exchanges.some(({ request: { breaksOff: breaks } }) => breaks);
    return { ...rest, exchanges, pipelined: rest.pipelined && !waits, halfCloses: rest.halfCloses || breaksOff };
  });

/** Upgrades and tunnels, agreed to or not. */
const switching: fc.Arbitrary<ExchangeScript> = fc
  .record({
    tunnel: fc.boolean(),
    agrees: fc.boolean(),
    absolute: fc.boolean(),
    path,
    fields,
    informational: fc.oneof(fc.constant<AnswerScript['informational']>([]), informational),
    answer,
    slow: fc.boolean(),
  })
  .map(({ tunnel, agrees, absolute, path: rest, fields: own, informational: first, answer: refusal, slow }) => {
    const none: BodyScript = { framing: 'none', pieces: [], trailers: [], announces: false };
    const asked: RequestScript = {
      method: tunnel ? 'CONNECT' : 'GET',
      host: tunnel ? 'db.example:5432' : 'shop.example',
      target: tunnel ? 'db.example:5432' : absolute ? `http://shop.example${rest}` : rest,
      version: '1.1',
      fields: own,
      body: none,
      expects: false,
      upgrades: !tunnel,
      breaksOff: false,
    };
    const agreed = {
      ...refusal,
      version: '1.1' as const,
      status: tunnel ? 200 : 101,
      body: none,
      fault: 'none' as const,
    };
    const refused = fit(asked, { ...refusal, status: 403, closes: true, fault: 'none' }, true).answer;
    const answered = {
      ...(agrees ? agreed : refused),
      informational: refused.version === '1.0' && !agrees ? [] : first,
      early: false,
    };
    return { exchanges: [{ request: asked, answer: answered }], pipelined: false, halfCloses: false, slow };
  });

export const exchangeScripts: fc.Arbitrary<ExchangeScript> = fc.oneof(
  { weight: 14, arbitrary: plain },
  { weight: 1, arbitrary: switching },
);
