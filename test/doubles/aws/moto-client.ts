import { AwsFault, type QueryFields, fieldsOf, readXml, textOf } from './query-protocol.ts';

const VERSIONS = { elasticloadbalancing: '2015-12-01', ec2: '2016-11-15', autoscaling: '2011-01-01' } as const;

/** Asks moto itself, behind the front's back: what a service's own parts know, whatever its API's readers are shown. */
export class MotoClient {
  readonly #url: string;
  readonly #account: string;

  constructor(url: string, account: string) {
    this.#url = url;
    this.#account = account;
  }

  /** Carries out one action with flat parameters; `Names.member.1`. */
  async ask(
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
