import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { LoadMeasurement } from '../../../src/domain/experiment/measurement.ts';
import type { LoadProbe } from '../../../src/domain/experiment/probe.ts';
import type { Endpoint } from '../../../src/domain/service/revision.ts';
import { runLoad } from '../../../src/evidence/load/run-load.ts';
import { findClosedEndpoint, PROBE, serveHttp, serveTcp } from './services.ts';

const never = new AbortController().signal;

function measure(
  more: Partial<LoadProbe>,
  endpoints: readonly Endpoint[],
  signal: AbortSignal = never,
): Promise<LoadMeasurement> {
  return runLoad({ ...PROBE, ...more }, { variant: 'candidate', endpoints }, signal);
}

describe('a load', () => {
  it('sends as many as its rate and time make', async () => {
    let asked = 0;
    await using service = await serveHttp((_, response) => {
      asked += 1;
      response.end('welcome');
    });
    const found = await measure({ rate: 200, forMs: 600, warmUpMs: 200 }, [service.endpoint]);
    assert.equal(asked, 160);
    const { kind, variant, probe, requests, errors, errorKinds, latency, samples } = found;
    assert.deepEqual([kind, variant, probe], ['load', 'candidate', 'load']);
    assert.deepEqual([requests, errors, errorKinds, samples.length], [120, 0, [], 120]);
    assert.equal(latency?.count, 120);
    assert.ok(Date.parse(found.to) >= Date.parse(found.from) + 595, `from ${found.from} to ${found.to}`);
    await service.idle();
  });

  it('counts nothing of its warm-up', async () => {
    let asked = 0;
    // What is sent while it warms up fails. Far enough apart to arrive in order on a machine that does much else.
    await using service = await serveHttp((_, response) => {
      asked += 1;
      response.writeHead(asked <= 2 ? 500 : 200).end('welcome');
    });
    const found = await measure({ rate: 4, forMs: 1_000, warmUpMs: 500 }, [service.endpoint]);
    assert.equal(asked, 6);
    assert.deepEqual([found.requests, found.errors, found.errorKinds, found.samples.length], [4, 0, [], 4]);
    assert.equal(found.latency?.count, 4);
  });

  it('keeps connections, and reads bodies to their ends', async () => {
    const body = 'x'.repeat(300_000);
    await using service = await serveHttp((_, response) => response.end(body));
    const found = await measure({ rate: 50, forMs: 400 }, [service.endpoint]);
    assert.deepEqual([found.requests, found.errors], [20, 0]);
    assert.ok(service.connections() < 20, `${service.connections()} connections for 20 requests`);
  });

  it('sends before the answers have come, as fast as ever', async () => {
    const held: (() => void)[] = [];
    await using service = await serveHttp((_, response) => {
      held.push(() => response.end());
      // None is answered before all have come.
      if (held.length === 60) for (const release of held) release();
    });
    const found = await measure({ rate: 200, forMs: 300 }, [service.endpoint]);
    assert.deepEqual([found.requests, found.errors], [60, 0]);
    assert.equal(held.length, 60);
  });

  it('does not spare a service that halts: all who came meanwhile have waited', async () => {
    // Holds everything from its 20th request on until 60 more were due: 300 ms. One request at a time would see one halt.
    let asked = 0;
    const held: (() => void)[] = [];
    await using service = await serveHttp((_, response) => {
      asked += 1;
      if (asked < 20 || asked > 80) response.end();
      else held.push(() => response.end());
      if (asked === 80) for (const release of held) release();
    });
    const { latency, samples, requests } = await measure({ rate: 200, forMs: 1000 }, [service.endpoint]);
    assert.ok(latency);
    assert.equal(requests, 200);
    // The first of them waited for all of the 300 ms, the one in the middle for half of them.
    assert.ok(latency.max >= 295, `max ${latency.max}`);
    assert.ok(latency.p90 >= 195, `p90 ${latency.p90}`);
    assert.ok((samples[49] ?? 0) >= 145, `in the middle ${samples[49]}`);
    assert.ok(samples.filter((sample) => sample >= 100).length >= 40);
  });

  it('goes to its endpoints in turn, with what each is to be asked with', async () => {
    const seen: IncomingMessage[] = [];
    const bodies: Promise<string>[] = [];
    await using service = await serveHttp((request, response) => {
      seen.push(request);
      bodies.push(text(request));
      response.end();
    });
    const other: Endpoint = { ...service.endpoint, attributes: { 'header:x-revision': 'r7', zone: 'b' } };
    const probe: Partial<LoadProbe> = {
      ...{ rate: 100, forMs: 100, method: 'POST', path: '/a b?c=é', requestBody: '{"é":1}' },
      requestHeaders: { Host: 'shop.example', 'X-Revision': 'r1', 'content-type': 'application/json' },
    };
    const found = await measure(probe, [service.endpoint, other]);
    assert.equal(found.errors, 0);
    const revisions = seen.map(({ headers }) => headers['x-revision']);
    assert.deepEqual(
      [revisions.filter((one) => one === 'r1').length, revisions.filter((one) => one === 'r7').length],
      [5, 5],
    );
    const [first] = seen;
    assert.deepEqual(
      [first?.method, first?.url, first?.headers.host, first?.headers['content-type'], first?.headers['user-agent']],
      ['POST', '/a%20b?c=%C3%A9', 'shop.example', 'application/json', 'supplant-load'],
    );
    assert.deepEqual(new Set(await Promise.all(bodies)), new Set(['{"é":1}']));
  });

  it('reports how far it is', async () => {
    await using service = await serveHttp((_, response) => response.end());
    const reports: number[] = [];
    await runLoad(
      { ...PROBE, rate: 20, forMs: 1500, warmUpMs: 0 },
      { variant: 'candidate', endpoints: [service.endpoint] },
      never,
      ({ sent }) => reports.push(sent),
    );
    assert.ok(reports.length >= 1);
    assert.ok((reports[0] ?? 0) > 0);
  });

  it('says so where there is no endpoint', async () => {
    await assert.rejects(measure({}, []), /variant candidate has no endpoint/);
  });
});

describe('errors of a load', () => {
  it('are statuses that are not accepted, the most frequent first', async () => {
    let asked = 0;
    await using service = await serveHttp((_, response) => {
      asked += 1;
      response.writeHead(asked % 5 === 0 ? 404 : asked % 5 < 3 ? 503 : 204).end('why');
    });
    const { errors, errorKinds, latency } = await measure({ status: [200, 204] }, [service.endpoint]);
    assert.equal(errors, 60);
    assert.deepEqual(errorKinds, [
      { what: 'status 503', count: 40 },
      { what: 'status 404', count: 20 },
    ]);
    assert.equal(latency?.count, 40);
  });

  it('are refused and reset connections, and what is no HTTP', async () => {
    const closed = await findClosedEndpoint();
    await using resets = await serveTcp((socket) => socket.once('data', () => socket.resetAndDestroy()));
    await using cuts = await serveTcp((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc')),
    );
    await using odd = await serveTcp((socket) => socket.once('data', () => socket.end('220 mail.example\r\n')));
    const endpoints = [closed, resets.endpoint, cuts.endpoint, odd.endpoint];
    const { errors, errorKinds, latency, samples } = await measure({ rate: 100, forMs: 400 }, endpoints);
    assert.equal(errors, 40);
    assert.deepEqual([latency, samples], [undefined, []]);
    const counts = new Map(errorKinds.map(({ what, count }) => [what, count]));
    assert.equal(counts.get('connection refused'), 10);
    assert.equal(counts.get('connection closed before the answer was complete'), 20);
    assert.equal(counts.get('answer is no HTTP'), 10);
  });

  it('are answers that do not come, or do not end, in time', async () => {
    let asked = 0;
    await using service = await serveHttp((_, response) => {
      asked += 1;
      if (asked % 2 === 0) response.writeHead(200).write('the beginning');
    });
    const { errors, errorKinds } = await measure({ rate: 100, forMs: 200, timeoutMs: 300 }, [service.endpoint]);
    assert.deepEqual([errors, errorKinds], [20, [{ what: 'no answer in 300 ms', count: 20 }]]);
    await service.idle();
  });

  it('are requests for which there is no connection in time', async () => {
    await using service = await serveHttp(() => undefined);
    const { errors, errorKinds, requests } = await measure({ rate: 5000, forMs: 500, timeoutMs: 1000 }, [
      service.endpoint,
    ]);
    assert.equal(requests, 2500);
    assert.deepEqual([errors, errorKinds], [2500, [{ what: 'no answer in 1000 ms', count: 2500 }]]);
    assert.ok(service.connections() <= 2500);
    await service.idle();
  });
});

describe('a load that is aborted', () => {
  it('ends at once, and leaves no socket', async () => {
    const begun = new AbortController();
    await using service = await serveHttp(() => {
      if (service.sockets.size >= 10) begun.abort(new Error('enough'));
    });
    await assert.rejects(
      measure({ forMs: 3_600_000, timeoutMs: 3_600_000 }, [service.endpoint], begun.signal),
      /enough/,
    );
    await service.idle();
  });

  it('ends where only answers are waited for', async () => {
    const begun = new AbortController();
    let asked = 0;
    await using service = await serveHttp(() => {
      asked += 1;
      // Not in the same turn: the last one is sent by then.
      if (asked === 10) setTimeout(() => begun.abort(new Error('enough')), 50);
    });
    const measuring = measure({ rate: 100, forMs: 100, timeoutMs: 3_600_000 }, [service.endpoint], begun.signal);
    await assert.rejects(measuring, /enough/);
    await service.idle();
  });

  it('does not begin where it was aborted before', async () => {
    await using service = await serveHttp((_, response) => response.end());
    await assert.rejects(measure({}, [service.endpoint], AbortSignal.abort(new Error('too late'))), /too late/);
    assert.equal(service.connections(), 0);
  });
});
