import assert from 'node:assert/strict';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import WebSocket from 'ws';
import { explainWhy } from '../../src/cli/views/why.ts';
import { formatEndpointUrl } from '../../src/domain/service/revision.ts';
import type { ServiceKey, ServiceSpec } from '../../src/domain/service/service.ts';
import type { RolloutStatus } from '../../src/domain/rollout/status.ts';
import { Platform, change, spec } from './platform.ts';

/**
 * A service with downloads and WebSockets. `/download?ms=N` sends a dot every 50 ms, and says at its end that it is whole;
 * `/` answers 500 once `/fall-ill` was asked for.
 */
function lasting(version: string): ServiceSpec['blueprint'] {
  const ws = fileURLToPath(new URL('../../node_modules/ws/wrapper.mjs', import.meta.url));
  const source = `
    import { createServer } from 'node:http';
    import { WebSocketServer } from ${JSON.stringify(ws)};
    let status = 200;
    const server = createServer((request, reply) => {
      const url = new URL(request.url, 'http://service');
      if (url.pathname === '/fall-ill') status = 500;
      if (url.pathname !== '/download') return reply.writeHead(status).end('${version}');
      reply.writeHead(200);
      const timer = setInterval(() => reply.write('.'), 50);
      reply.on('close', () => clearInterval(timer));
      setTimeout(() => reply.end('whole'), Number(url.searchParams.get('ms')));
    });
    new WebSocketServer({ server }).on('connection', (socket) => {
      socket.on('message', (message) => socket.send('${version}: ' + message));
    });
    server.listen(process.env.PORT, process.env.HOST);`;
  return {
    name: 'local-process',
    config: { command: [process.execPath, '--input-type=module', '-e', source], stopGrace: '1s' },
  };
}

describe('a stack that goes', () => {
  let platform: Platform;

  before(async () => (platform = await Platform.share()));
  after(() => (platform as Platform | undefined)?.dispose());

  const described = (name: string, version: string, drainMs: number, more: Partial<ServiceSpec> = {}): ServiceSpec =>
    spec(name, lasting(version), {
      router: { kind: 'embedded', drainMs },
      retention: { warm: 0, warmForMs: 0 },
      ...more,
    });

  const begun = async (wanted: ServiceSpec): Promise<() => Promise<RolloutStatus>> => {
    const { rollout } = await platform.client.apply(wanted, change());
    return () => platform.client.waitForRollout(wanted.service, rollout);
  };

  const removal = async (service: ServiceKey): Promise<() => Promise<RolloutStatus>> => {
    const { rollout } = await platform.client.remove(service, change());
    return () => platform.client.waitForRollout(service, rollout);
  };

  const addressOf = async (service: ServiceKey): Promise<string> => {
    const { route } = await platform.client.view(service);
    assert.ok(route);
    return formatEndpointUrl(route.address);
  };

  /** A download that has begun. */
  async function downloading(url: string, ms: number): Promise<() => Promise<string>> {
    const response = await fetch(`${url}/download?ms=${ms}`);
    return () => response.text();
  }

  async function openSocket(url: string): Promise<WebSocket> {
    const socket = new WebSocket(url.replace('http', 'ws'));
    await once(socket, 'open');
    return socket;
  }

  async function echoed(socket: WebSocket, text: string): Promise<string> {
    socket.send(text);
    const [answer] = (await once(socket, 'message')) as [Buffer];
    return answer.toString();
  }

  const drained = async (rollout: RolloutStatus) => {
    const events = await platform.client.auditEvents({ rollout: `${rollout.service.name}/test#${rollout.number}` });
    return events.filter(({ type }) => type === 'revision.drained').map(({ data }) => data);
  };

  it('with its service lets a long download and a WebSocket finish, and tells new clients why', async () => {
    const wanted = described('removed', 'one', 60_000);
    assert.equal((await (await begun(wanted))()).outcome, 'succeeded');
    const url = await addressOf(wanted.service);
    const whole = await downloading(url, 4_000);
    const socket = await openSocket(url);

    const over = await removal(wanted.service);
    await platform.until('no new requests', async () => (await fetch(url)).status === 503);
    assert.match(await (await fetch(url)).text(), /removed\/test is being removed/);
    const { rollout } = await platform.client.view(wanted.service);
    assert.match(rollout?.wait?.on ?? '', /in flight on r1/);
    assert.equal(await echoed(socket, 'still there'), 'one: still there');
    assert.match(await whole(), /^\.+whole$/);
    assert.equal(await echoed(socket, 'and now'), 'one: and now');
    socket.close();

    const status = await over();
    assert.equal(status.outcome, 'succeeded');
    assert.deepEqual(
      status.drains?.map(({ revision, requests, connections }) => [revision, requests, connections]),
      [[1, 0, 0]],
    );
    assert.deepEqual(await platform.pids('removed-test-r1'), []);
    await assert.rejects(fetch(url));
  });

  it('cuts off what is not over in time, and says so wherever people look', async () => {
    const wanted = described('cut', 'one', 1_000);
    assert.equal((await (await begun(wanted))()).outcome, 'succeeded');
    const url = await addressOf(wanted.service);
    const whole = await downloading(url, 60_000);
    const socket = await openSocket(url);
    const closed = once(socket, 'close');
    const cut = assert.rejects(whole());

    // Replaced rather than removed: the same holds there.
    const status = await (await begun(described('cut', 'two', 1_000)))();
    await Promise.all([cut, closed]);
    assert.equal(status.outcome, 'succeeded');
    const [report] = status.drains ?? [];
    assert.ok(report);
    assert.deepEqual([report.revision, report.requests, report.connections], [1, 1, 1]);
    assert.ok(report.afterMs >= 1_000);
    const sentence = /1 request and 1 upgraded connection of r1 were cut off after a drain of [\d.]+ s/;
    assert.match(status.phases.at(-1)?.note ?? '', sentence);
    assert.match(explainWhy(status, new Date()).join('\n'), sentence);
    const [event] = await drained(status);
    assert.deepEqual(event?.cut, { requests: 1, connections: 1 });
    await (
      await removal(wanted.service)
    )();
  });

  it('after a first deployment that fails under traffic lets what is in flight finish', async () => {
    const wanted = described('first', 'one', 60_000, { strategy: { kind: 'blue-green', bakeMs: 60_000 } });
    const over = await begun(wanted);
    await platform.until('traffic', async () => (await platform.client.view(wanted.service)).route !== undefined);
    const url = await addressOf(wanted.service);
    const whole = await downloading(url, 6_000);
    await fetch(`${url}/fall-ill`);
    await platform.until('no new requests', async () => (await fetch(url)).status === 503);
    assert.match(await (await fetch(url)).text(), /r1 of first\/test is taken back/);
    assert.match(await whole(), /^\.+whole$/);
    const status = await over();
    assert.equal(status.outcome, 'rolled-back');
    assert.deepEqual((await drained(status))[0]?.cut, { requests: 0, connections: 0 });
    await assert.rejects(fetch(url));
  });
});
