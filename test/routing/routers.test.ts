import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { DEFAULT_ROUTER, type RouterSpec } from '../../src/domain/service/service.ts';
import { openRouters } from '../../src/routing/registry.ts';
import type { Router, RouterFactory } from '../../src/routing/router.ts';
import { Routers } from '../../src/routing/routers.ts';

/** Of a kind that this version lacks. */
const other = (label: string) => ({ kind: 'other', label }) as unknown as RouterSpec;

describe('the router of a service', () => {
  /** A registry of two kinds, whose routers are no more than names. */
  function given({ failures = 0 } = {}) {
    const events: string[] = [];
    const factory = (kind: string): RouterFactory => ({
      create: (spec) => `${kind} ${JSON.stringify(spec)}` as unknown as Router,
      close: async () => void events.push(`close ${kind}`),
    });
    const registry = {
      embedded: (place: string) => {
        events.push(`open embedded at ${place}`);
        return factory('embedded');
      },
      'aws-alb': () => factory('aws-alb'),
      haproxy: () => factory('haproxy'),
      other: async () => {
        events.push('open other');
        failures -= 1;
        if (failures >= 0) throw new Error('it cannot be loaded');
        return factory('other');
      },
    };
    return { events, routers: new Routers<string>(registry, 'here') };
  }

  it('is the one that its description names, with what that says of it', async () => {
    const { routers } = given();
    assert.equal(await routers.of({ kind: 'embedded', port: 80 }), 'embedded {"kind":"embedded","port":80}');
    assert.equal(await routers.of(other('a')), 'other {"kind":"other","label":"a"}');
    assert.equal(await routers.of(other('b')), 'other {"kind":"other","label":"b"}');
  });

  it('is opened when its kind is first named, once for all services, and closed with the others', async () => {
    const { routers, events } = given();
    await Promise.all([routers.of(other('a')), routers.of(other('b'))]);
    assert.deepEqual(events, ['open other']);
    await routers.of(DEFAULT_ROUTER);
    await routers.close();
    assert.deepEqual(events, ['open other', 'open embedded at here', 'close other', 'close embedded']);
  });

  it('is opened anew by the next who asks, where that failed', async () => {
    const { routers, events } = given({ failures: 1 });
    await assert.rejects(routers.of(other('a')), /cannot be loaded/);
    assert.equal(await routers.of(other('a')), 'other {"kind":"other","label":"a"}');
    await routers.close();
    assert.deepEqual(events, ['open other', 'open other', 'close other']);
  });

  it('is refused by name where this version has none of its kind', async () => {
    const routers = openRouters({ embedded: { socketPath: '/nowhere' }, haproxy: { socketPath: '/nowhere' } });
    for (const kind of ['caddy', 'constructor', '__proto__']) {
      await assert.rejects(routers.of({ kind } as unknown as RouterSpec), new RegExp(`no router '${kind}'; there are`));
    }
    await routers.close();
  });
});
