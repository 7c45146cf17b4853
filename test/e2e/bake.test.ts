import assert from 'node:assert/strict';
import { RESTARTS, UNANSWERED } from '../../src/domain/evidence/bake-counts.ts';
import { formatEndpointUrl } from '../../src/domain/service/revision.ts';
import type { RolloutStatus } from '../../src/domain/rollout/status.ts';
import { Platform, change, spec } from './platform.ts';

/** Answers what it is asked, but for what `then` makes of it. */
function server(then: string) {
  const source = [
    "const server = require('http').createServer((q, s) => { if (q.url === '/lost') q.socket.destroy(); else s.end('here'); });",
    'server.listen(process.env.PORT, process.env.HOST);',
    then,
    "process.on('SIGTERM', () => process.exit(0));",
  ].join('\n');
  return { name: 'local-process', config: { command: [process.execPath, '-e', source], stopGrace: '2s' } };
}

const BAKE = { strategy: { kind: 'blue-green', bakeMs: 20_000 } } as const;

function found({ verdicts }: RolloutStatus, check: string): string | undefined {
  const verdict = verdicts.find((each) => each.check === check);
  return verdict && `${verdict.verdict}: ${verdict.evidence}`;
}

describe('a bake sees what users see', function () {
  this.timeout(180_000);
  let platform: Platform;
  before(async () => (platform = await Platform.share()));
  after(async () => platform.dispose());

  it('a process that ends every few seconds, and is started again at once, does not pass', async () => {
    // One that lasts until it has passed its checks.
    const ends = 'setTimeout(() => process.exit(1), 4_000);';
    const { service, rollout } = await platform.client.apply(spec('ends', server(ends), BAKE), change());
    const status = await platform.client.waitForRollout(service, rollout);
    assert.equal(status.outcome, 'rolled-back', status.because);
    assert.match(status.because ?? '', /started again|healthy|answers failed|got no answer/);
  });

  it('one request that the router had to answer itself does not pass, while every look does', async () => {
    const { service, rollout } = await platform.client.apply(spec('loses', server(''), BAKE), change());
    await platform.until('it bakes', async () => (await platform.client.rollout(service, rollout)).phase === 'bake');
    const { route } = await platform.client.view(service);
    assert.ok(route);
    assert.equal((await fetch(`${formatEndpointUrl(route.address)}/lost`)).status, 502);
    const status = await platform.client.waitForRollout(service, rollout);
    assert.equal(status.outcome, 'rolled-back', status.because);
    assert.match(found(status, UNANSWERED) ?? '', /^fail: 1 of 1 requests got no answer from r1/);
    assert.equal(found(status, RESTARTS), 'pass: no process of r1 ended');
  });

  it('tells what each check sees while it runs', async () => {
    const blueprint = server('');
    const { checks } = spec('asked', blueprint);
    const never = checks.map((check) => ({ ...check, path: '/lost', deadlineMs: 60_000 }));
    const { service, rollout } = await platform.client.apply(spec('asked', blueprint, { checks: never }), change());
    await platform.until('the check tells what it sees', async () => {
      const { activities = [] } = await platform.client.rollout(service, rollout);
      return activities.some(
        ({ name, latest }) => name === 'check answers' && /attempts, 0 passed; latest: GET .*\/lost/.test(latest ?? ''),
      );
    });
    await platform.client.act(service, 'abort', { rollout, actor: 'tester' });
    assert.equal((await platform.client.waitForRollout(service, rollout)).outcome, 'aborted');
  });
});
