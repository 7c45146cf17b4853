import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { planServerOrders } from '../../../src/routing/haproxy/server-orders.ts';
import { EMPTY_TALLY } from '../../../src/routing/haproxy/slots.ts';
import { computeServerWeights, resolveWanted } from '../../../src/routing/haproxy/wanted.ts';

const SERVICE = { name: 'web', environment: 'production' };
const slot = (revision: number, number: number) => ({ revision, number, before: EMPTY_TALLY });

describe('what HAProxy is ordered to do with its servers', () => {
  const wanted = {
    refusal: '',
    revisions: [
      {
        revision: 3,
        weight: 100,
        servers: [
          { name: 'r3-10.0.0.1:80', address: '10.0.0.1', port: 80, weight: 2 },
          { name: 'r3-::1:80', address: '::1', port: 80, weight: 1 },
        ],
      },
    ],
  };

  it('is to add what is missing, and to enable it', () => {
    const { before, after, leaving } = planServerOrders([], wanted, [slot(3, 5)]);
    assert.deepEqual(
      before.map(({ text }) => text),
      [
        'add server slot-05/r3-10.0.0.1:80 10.0.0.1:80 weight 2 pool-max-conn -1 pool-purge-delay 2s',
        'set server slot-05/r3-10.0.0.1:80 state ready',
        'add server slot-05/r3-::1:80 [::1]:80 weight 1 pool-max-conn -1 pool-purge-delay 2s',
        'set server slot-05/r3-::1:80 state ready',
      ],
    );
    assert.deepEqual([after, leaving], [[], []]);
  });

  it('is to weigh what is there, to disable what is not wanted, and nothing that is done already', () => {
    const found = [
      { backend: 'slot-05', name: 'r3-10.0.0.1:80', weight: 1, isReady: true },
      { backend: 'slot-05', name: 'r3-::1:80', weight: 1, isReady: false },
      { backend: 'slot-05', name: 'r3-10.0.0.2:80', weight: 1, isReady: true },
      { backend: 'slot-01', name: 'r1-10.0.0.1:80', weight: 1, isReady: false },
    ];
    const { before, after, leaving } = planServerOrders(found, wanted, [slot(3, 5)]);
    assert.deepEqual(
      [...before, ...after].map(({ text }) => text),
      [
        'set server slot-05/r3-10.0.0.1:80 weight 2',
        'set server slot-05/r3-::1:80 state ready',
        'set server slot-05/r3-10.0.0.2:80 state maint',
      ],
    );
    assert.deepEqual(leaving, ['slot-05/r3-10.0.0.2:80', 'slot-01/r1-10.0.0.1:80']);
  });
});

describe('the servers of an endpoint', () => {
  const weigh = (...weights: (number | undefined)[]) =>
    computeServerWeights(
      weights.map((weight) => ({ host: 'h', port: 1, ...(weight === undefined ? {} : { weight }) })),
    );

  it('weigh what it says, on HAProxy’s scale', () => {
    assert.deepEqual(weigh(undefined, undefined), [1, 1]);
    assert.deepEqual(weigh(3, undefined, 0), [3, 1, 0]);
    assert.deepEqual(weigh(0.5, 1), [128, 256]);
    assert.deepEqual(weigh(1_000, 1), [256, 1]);
    assert.deepEqual(weigh(0, 0), [1, 1]);
  });

  it('are one for each address, by address; a name without one is a fault', async () => {
    const endpoint = { host: 'localhost', port: 80 };
    const nowhere = { host: 'nobody.invalid', port: 80 };
    const targets = [{ revision: 3, endpoints: [endpoint, endpoint, nowhere], weight: 100 }];
    const { wanted, faults } = await resolveWanted({ service: SERVICE, generation: 1, targets });
    const [server, ...more] = wanted.revisions[0]!.servers;
    assert.match(server!.name, /^r3-(127\.0\.0\.1|::1):80$/);
    assert.deepEqual(more, []);
    assert.deepEqual(faults, ['r3 is at nobody.invalid, a name without an address']);
  });
});
