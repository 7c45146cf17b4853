import { createHash } from 'node:crypto';
import type { Message } from './message-reader.ts';
import type { AnswerScript, ExchangeScript, Fields } from './script.ts';
import type { ClientAnswer, ClientRun } from './scripted-client.ts';
import { EXCHANGE_HEADER, type ServiceRun } from './scripted-service.ts';

/** What both sides saw of one run, flat, so that two runs can be compared line by line. */
export type View = Map<string, string>;

/** Fields of one connection only (RFC 9110, 7.6.1), and those by which a message says where it ends. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
  EXCHANGE_HEADER,
]);
/** What proxies add to say where a request came from. */
const FORWARDED = /^x-forwarded-(for|proto|host)$/;

export function viewOf(script: ExchangeScript, client: ClientRun, service: ServiceRun): View {
  const view: View = new Map();
  view.set('client connections', String(client.connections));
  view.set('client hung', String(client.hung));
  script.exchanges.forEach(({ request, answer }, index) => {
    const got = client.answers[index];
    const seen = service.requests[index] ?? [];
    addAnswer(view, `client ${index}`, got, answer);
    view.set(`service ${index} times`, String(seen.length));
    const [first] = seen;
    if (!first) return;
    const reads = !(answer.early && answer.closes) && answer.fault !== 'silent';
    addRequest(view, `service ${index}`, first, reads || request.body.framing === 'none');
  });
  return view;
}

function addAnswer(view: View, at: string, answer: ClientAnswer | undefined, script: AnswerScript): void {
  const final = answer?.final;
  view.set(`${at} final`, final === undefined ? 'none' : final.line.replace(/^HTTP\/1\.[01] /, ''));
  for (const [index, message] of (answer?.informational ?? []).entries()) {
    view.set(`${at} informational ${index}`, message.line.slice(9, 12));
    addFields(view, `${at} informational ${index}`, message.fields);
  }
  if (!final) return;
  const dated = script.fields.some(([name]) => name.toLowerCase() === 'date');
  addFields(view, at, dated ? final.fields : final.fields.filter(([name]) => name.toLowerCase() !== 'date'));
  view.set(`${at} complete`, String(final.complete));
  // How much of an answer that breaks off still comes depends on the moment.
  if (final.complete) {
    view.set(`${at} body`, digest(final.body));
    addFields(view, `${at} trailer`, final.trailers);
  }
  if (answer.raw !== '') view.set(`${at} raw`, answer.raw);
}

function addRequest(view: View, at: string, request: Message, withBody: boolean): void {
  view.set(`${at} line`, request.line.replace(/ HTTP\/1\.[01]$/, ''));
  addFields(
    view,
    at,
    request.fields.filter(([name]) => !FORWARDED.test(name.toLowerCase())),
  );
  if (!withBody) return;
  view.set(`${at} complete`, String(request.complete));
  view.set(`${at} body`, digest(request.body));
  // Trailers of a request that breaks off in them are worth nothing.
  if (request.complete) addFields(view, `${at} trailer`, request.trailers);
}

/** By name, each with its values in their order; names in the letters in which they came. */
function addFields(view: View, at: string, fields: Fields): void {
  const byName = new Map<string, string[]>();
  for (const [name, value] of fields) {
    if (HOP_BY_HOP.has(name.toLowerCase())) continue;
    byName.set(name, [...(byName.get(name) ?? []), value]);
  }
  for (const [name, values] of byName) view.set(`${at} field ${name}`, JSON.stringify(values));
}

function digest(body: Buffer): string {
  return `${body.length} bytes ${createHash('sha256').update(body).digest('hex').slice(0, 16)}`;
}

/** One line that differs. */
export interface Difference {
  at: string;
  direct: string | undefined;
  through: string | undefined;
}

/** As seen by who takes names in any letters for the same (RFC 9110, 5.1). */
export function withoutLetters(view: View): View {
  const plain: View = new Map();
  for (const [at, value] of view) {
    const key = at.toLowerCase();
    const before = plain.get(key);
    plain.set(key, before === undefined ? value : `${before} ${value}`.replace('] [', ','));
  }
  return plain;
}

export function differencesOf(direct: View, through: View): Difference[] {
  const lines = new Set([...direct.keys(), ...through.keys()]);
  return [...lines]
    .map((at) => ({ at, direct: direct.get(at), through: through.get(at) }))
    .filter((line) => line.direct !== line.through);
}
