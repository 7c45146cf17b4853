import { AwsFault, type QueryFields, fieldsOf, readXml, textOf } from './query-protocol.ts';

const VERSIONS = { elasticloadbalancing: '2015-12-01', ec2: '2016-11-15', autoscaling: '2011-01-01' } as const;

const READS = /^(Describe|List|Get)/;

/** Whether an action changes nothing. */
export function isRead(action: string): boolean {
  return READS.test(action);
}

/**
 * Asks moto itself, behind the front's back: what a service's own parts know, whatever its API's readers are shown. Nothing
 * changes in moto unless somebody writes, so that an answer is kept until then: targets are looked at many times a second.
 */
export class MotoClient {
  readonly #url: string;
  readonly #account: string;
  readonly #answers = new Map<string, Promise<QueryFields>>();

  constructor(url: string, account: string) {
    this.#url = url;
    this.#account = account;
  }

  /** To be called around each write that does not come by here. */
  forget(): void {
    this.#answers.clear();
  }

  /** Carries out one action with flat parameters; `Names.member.1`. */
  async ask(
    service: keyof typeof VERSIONS,
    action: string,
    parameters: Readonly<Record<string, string>> = {},
  ): Promise<QueryFields> {
    if (isRead(action)) return this.#read(service, action, parameters);
    this.forget();
    return this.#send(service, action, parameters).finally(() => this.forget());
  }

  #read(...question: Parameters<MotoClient['ask']>): Promise<QueryFields> {
    const key = JSON.stringify(question);
    const answers = this.#answers;
    const kept = answers.get(key);
    if (kept) return kept;
    const asked = this.#send(...question);
    answers.set(key, asked);
    // What failed is no answer to whoever asks next.
    asked.catch(() => answers.get(key) === asked && answers.delete(key));
    return asked;
  }

  async #send(
    service: keyof typeof VERSIONS,
    action: string,
    parameters: Readonly<Record<string, string>> = {},
  ): Promise<QueryFields> {
    const answer = await fetch(this.#url, {
      method: 'POST',
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=${this.#account}/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=none`,
        'content-type': 'application/x-www-form-urlencoded',
        'x-moto-account-id': this.#account,
      },
      body: new URLSearchParams({ Action: action, Version: VERSIONS[service], ...parameters }),
    });
    const read = readXml(await answer.text());
    if (!answer.ok) {
      const { Code, Message } = fieldsOf(fieldsOf(read.ErrorResponse).Error);
      throw new AwsFault(textOf(Code), textOf(Message), answer.status);
    }
    const response = fieldsOf(read[`${action}Response`]);
    // EC2 has no result around it.
    return service === 'ec2' ? response : fieldsOf(response[`${action}Result`]);
  }

  async describeInstances(ids: readonly string[]): Promise<QueryFields> {
    const filters = ids.map((id, index) => [`Filter.1.Value.${index + 1}`, id] as const);
    return this.ask('ec2', 'DescribeInstances', { 'Filter.1.Name': 'instance-id', ...Object.fromEntries(filters) });
  }
}
