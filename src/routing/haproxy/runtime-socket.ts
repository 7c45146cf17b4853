import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { LIMITS } from './limits.ts';

/** HAProxy has answered an order with something else than that it is done. */
export class OrderRefusedError extends Error {
  override readonly name = 'OrderRefusedError';
}

/**
 * HAProxy's runtime socket: one order a connection, its answer until HAProxy closes it
 * (https://docs.haproxy.org/2.6/management.html#9.3).
 */
export class RuntimeSocket {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** What HAProxy answers, without the blank lines around it. */
  async ask(order: string): Promise<string> {
    const socket = connect(this.#path);
    socket.setTimeout(LIMITS.answerMs, () =>
      socket.destroy(new Error(`HAProxy did not answer within ${LIMITS.answerMs} ms`)),
    );
    socket.end(`${order}\n`);
    return (await text(socket)).trim();
  }

  /** @throws OrderRefusedError where the answer is none of `done`; most orders are done without a word */
  async order(order: string, done = /^$/): Promise<string> {
    const answer = await this.ask(order);
    if (done.test(answer)) return answer;
    const [line = ''] = order.split('\n');
    throw new OrderRefusedError(`HAProxy did not do '${line}': ${answer.split('\n')[0] ?? ''}`);
  }

  /** Puts other content into a map, as one: no request sees a part of it. */
  async replaceMap(map: string, content: string): Promise<void> {
    const created = /^New version created: (\d+)$/;
    const version = created.exec(await this.order(`prepare map ${map}`, created))?.[1] ?? '';
    await this.order(`add map @${version} ${map} <<\n${content}`);
    await this.order(`commit map @${version} ${map}`);
  }
}
