import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { SigningSecretError, TOLERANCE_MS, findSignatureFault, signWebhook } from '../../src/hooks/signature.ts';

const now = new Date();
const secrets = fc
  .uint8Array({ minLength: 24, maxLength: 64 })
  .map((key) => `whsec_${Buffer.from(key).toString('base64')}`);
const ids = fc.stringMatching(/^[a-z0-9:/-]{1,80}$/);
const bodies = fc.json();

describe('signatures of webhooks', () => {
  it('are believed by the reference library', () => {
    fc.assert(
      fc.property(secrets, ids, bodies, (secret, id, body) => {
        const headers = { ...signWebhook(secret, id, now, body) };
        assert.deepEqual(new Webhook(secret).verify(body, headers), JSON.parse(body));
      }),
    );
  });

  it('of the reference library are believed, as bytes too', () => {
    fc.assert(
      fc.property(secrets, ids, bodies, (secret, id, body) => {
        const signature = new Webhook(secret).sign(id, now, body);
        const headers = { ...signWebhook(secret, id, now, body), 'webhook-signature': signature };
        assert.equal(findSignatureFault(secret, headers, body, now), undefined);
        assert.equal(findSignatureFault(secret, headers, Buffer.from(body), now), undefined);
      }),
    );
  });

  it('are not believed once anything of the message is another', () => {
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    const headers = signWebhook(secret, 'one', now, '{"a":1}');
    const fault = (more: Partial<typeof headers>, body = '{"a":1}', by = secret): string | undefined =>
      findSignatureFault(by, { ...headers, ...more }, body, now);
    assert.equal(fault({}), undefined);
    assert.match(fault({ 'webhook-id': 'two' }) ?? '', /its signature is not/);
    assert.match(fault({}, '{"a":2}') ?? '', /its signature is not/);
    assert.match(fault({}, undefined, `whsec_${randomBytes(32).toString('base64')}`) ?? '', /its signature is not/);
    assert.match(
      fault({ 'webhook-signature': headers['webhook-signature'].replace('v1,', 'v2,') }) ?? '',
      /not that of/,
    );
    assert.match(fault({ 'webhook-timestamp': 'yesterday' }) ?? '', /whole seconds/);
    assert.match(fault({ 'webhook-signature': '' }) ?? '', /has to come with/);
  });

  it('are believed as one of several, while a secret is being replaced', () => {
    const [older, newer] = [randomBytes(32), randomBytes(32)].map((key) => `whsec_${key.toString('base64')}`);
    assert.ok(older !== undefined && newer !== undefined);
    const signatures = [older, newer].map((secret) => signWebhook(secret, 'one', now, '')['webhook-signature']);
    const headers = { ...signWebhook(newer, 'one', now, ''), 'webhook-signature': signatures.join(' ') };
    assert.equal(findSignatureFault(newer, headers, '', now), undefined);
    assert.equal(findSignatureFault(older, headers, '', now), undefined);
  });

  it('are believed for five minutes either way, as by the reference library', () => {
    const secret = `whsec_${randomBytes(24).toString('base64')}`;
    for (const [aheadMs, isBelieved] of [
      [TOLERANCE_MS - 5000, true],
      [TOLERANCE_MS + 5000, false],
      [-TOLERANCE_MS + 5000, true],
      [-TOLERANCE_MS - 5000, false],
    ] as const) {
      const headers = signWebhook(secret, 'one', new Date(now.getTime() + aheadMs), '{}');
      assert.equal(findSignatureFault(secret, headers, '{}', now) === undefined, isBelieved, `${aheadMs}`);
      const verify = (): unknown => new Webhook(secret).verify('{}', { ...headers });
      if (isBelieved) verify();
      else assert.throws(verify);
    }
  });

  it('need a secret that is one', () => {
    for (const secret of ['', 'hunter2', 'whsec_', 'whsec_c2hvcnQ=', 'whsec_%%%']) {
      const fault = (): unknown => signWebhook(secret, 'one', now, '');
      assert.throws(
        fault,
        (error: unknown) => error instanceof SigningSecretError && error.message.includes('openssl rand'),
      );
    }
  });
});
