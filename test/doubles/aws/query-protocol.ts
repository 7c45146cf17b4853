/** What a query or its answer is made of, once it is read: lists are arrays, values are text. */
export type QueryValue = string | QueryValue[] | QueryFields;
export interface QueryFields {
  [name: string]: QueryValue;
}

/** An error as an AWS service with the query protocol answers it. */
export class AwsFault extends Error {
  override readonly name = 'AwsFault';
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** Reads a form such as `Actions.member.1.Type=forward`. */
export function readQuery(body: string): QueryFields {
  const root: QueryFields = {};
  for (const [path, value] of new URLSearchParams(body)) {
    const steps = path.split('.');
    let at: QueryFields = root;
    steps.forEach((step, index) => {
      if (index === steps.length - 1) at[step] = value;
      else at = (at[step] ??= {}) as QueryFields;
    });
  }
  return joinMembers(root) as QueryFields;
}

/** `{ member: { 1: a, 2: b } }` is `[a, b]`. */
function joinMembers(value: QueryValue): QueryValue {
  if (typeof value === 'string' || Array.isArray(value)) return value;
  const { member } = value;
  if (typeof member === 'object' && !Array.isArray(member)) {
    const inOrder = Object.entries(member).toSorted(([one], [other]) => Number(one) - Number(other));
    return inOrder.map(([, each]) => joinMembers(each));
  }
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, joinMembers(each)]));
}

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Reads an answer. Elements called `member` (`item` in EC2) make a list; what has no children is text; attributes are left out. */
export function readXml(xml: string): QueryFields {
  const tokens = xml.matchAll(/<\?[^>]*>|<!--[\s\S]*?-->|<(\/?)([\w:.-]+)[^>]*?(\/?)>|([^<]+)/g);
  interface Element {
    name: string;
    text: string;
    children: [string, QueryValue][];
  }
  const root: Element = { name: '', text: '', children: [] };
  const open = [root];
  const close = (): void => {
    const element = open.pop();
    if (element) open.at(-1)?.children.push([element.name, valueOf(element)]);
  };
  for (const [, slash, name, selfClosed, text] of tokens) {
    const top = open.at(-1) ?? root;
    if (text !== undefined) top.text += text;
    else if (name === undefined) continue;
    else if (slash === '/') close();
    else {
      open.push({ name, text: '', children: [] });
      if (selfClosed === '/') close();
    }
  }
  return Object.fromEntries(root.children);

  function valueOf({ text, children }: Element): QueryValue {
    if (children.length === 0)
      return text.trim().replaceAll(/&(\w+);/g, (whole, name: string) => ENTITIES[name] ?? whole);
    if (children.every(([name]) => name === 'member' || name === 'item')) return children.map(([, value]) => value);
    return Object.fromEntries(children);
  }
}

/** The other way round. */
export function writeXml(name: string, value: QueryValue): string {
  if (typeof value === 'string') return `<${name}>${escapeText(value)}</${name}>`;
  const inner = Array.isArray(value)
    ? value.map((each) => writeXml('member', each))
    : Object.entries(value).map(([key, each]) => writeXml(key, each));
  return `<${name}>${inner.join('')}</${name}>`;
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** A list where there is one; an empty one reads as text. */
export function listOf(value: QueryValue | undefined): QueryFields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

function isFields(value: QueryValue): value is QueryFields {
  return typeof value === 'object' && !Array.isArray(value);
}

/** A list of texts. */
export function textsOf(value: QueryValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

export function fieldsOf(value: QueryValue | undefined): QueryFields {
  return typeof value === 'object' && !Array.isArray(value) ? value : {};
}

export function textOf(value: QueryValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
