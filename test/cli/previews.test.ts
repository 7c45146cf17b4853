import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { PreviewRequest } from '../../src/domain/preview/preview.ts';
import { type Answers, RecordingClient } from '../doubles/recording-client.ts';
import { runCommand, type Surroundings } from '../doubles/recording-context.ts';
import * as sample from '../doubles/sample-previews.ts';
import { IDLE_VIEW } from '../doubles/sample-views.ts';

const ANSWERS: Answers = { previews: [sample.UP_PREVIEW], views: [IDLE_VIEW], opened: { run: 3, port: 18_203 } };
const URL = 'http://127.0.0.1:18203';

async function ask(args: string[], answers: Partial<Answers> = {}, surroundings: Surroundings = {}) {
  const client = new RecordingClient({ ...ANSWERS, ...answers });
  const ran = await runCommand(['preview', ...args], { client, ...surroundings });
  return { ...ran, client, asked: (method: string) => client.calls.find((call) => call.method === method)?.args };
}

const OPEN = ['open', 'web/production', 'feature/Login_2', '--artifact', './app'];

describe('supplant preview open', () => {
  it('asks for what the options say, and prints where it is, on its own on stdout', async () => {
    const patch = 'blueprint: { config: { env: { FLAG: "1" } } }';
    const options = ['--ttl', '2h', '--port', '8090', '--patch', 'p.yaml', '--force', '--reason', 'why'];
    const ran = await ask([...OPEN, ...options], {}, { readFile: async () => patch });
    assert.equal(ran.code, 0, ran.stderr.text);
    const [request, change] = ran.asked('openPreview') as [PreviewRequest, { reason: string }];
    assert.deepEqual(request, {
      ...{ service: { name: 'web', environment: 'production' }, branch: 'feature/Login_2' },
      ...{ artifact: 'dir:/home/ada/shop/app', ttlMs: 7_200_000, port: 8090, force: true },
      patch: { blueprint: { config: { env: { FLAG: '1' } } } },
    });
    assert.equal(change.reason, 'why');
    assert.equal(ran.stdout.text, `${URL}\n`);
    assert.match(ran.stderr.text, /^it is opened$/m);
  });

  it('waits with --wait until it can be looked at', async () => {
    const looks = [sample.OPENING_PREVIEW, sample.OPENING_PREVIEW, sample.UP_PREVIEW];
    const ran = await ask([...OPEN, '--wait'], { looks });
    assert.deepEqual([ran.code, ran.stdout.text], [0, `${URL}\n`]);
    assert.match(ran.stderr.text, /◌ provision/);
    assert.ok(ran.client.calls.filter(({ method }) => method === 'viewPreview').length >= 3);
  });

  it('ends as its run does where it cannot be looked at, and says what stays', async () => {
    const ran = await ask([...OPEN, '--wait'], { looks: [sample.BROKEN_PREVIEW], opened: { run: 4, port: 18_203 } });
    assert.deepEqual([ran.code, ran.stdout.text], [3, '']);
    const told = ran.stderr.text.replaceAll('\n', ' ');
    assert.match(told, /is not up with that: variant preview is not healthy: .* What was up before stays at http/);
  });

  it('is a document with -o json', async () => {
    const ran = await ask([...OPEN, '-o', 'json']);
    const document = JSON.parse(ran.stdout.text) as { url: string; unchanged: boolean; run: number; preview: object };
    assert.deepEqual([document.url, document.unchanged, document.run], [URL, false, 3]);
    assert.deepEqual(document.preview, JSON.parse(JSON.stringify(sample.UP_PREVIEW)));
    assert.equal(ran.stderr.text, '');
  });

  it('changes nothing with --dry-run, and says where it would be', async () => {
    const ran = await ask([...OPEN, '--dry-run']);
    assert.deepEqual([ran.code, ran.stdout.text], [0, `${URL}\n`]);
    assert.match(ran.stderr.text, /nothing was done: this is a dry run/);
    assert.equal(ran.asked('viewPreview'), undefined);
  });

  it('tells what is wrong with its options at once, and asks nobody', async () => {
    const ran = await ask([...OPEN, '--ttl', 'long', '--timeout', '0s']);
    assert.equal(ran.code, 2);
    assert.match(ran.stderr.text, /--ttl: expected a duration, such as 30m or 8h, found 'long'/);
    assert.match(ran.stderr.text, /--timeout: expected a duration/);
    assert.deepEqual(ran.client.calls, []);
    const port = await ask([...OPEN, '--port', '99999']);
    assert.deepEqual([port.code, port.stderr.text.includes('Use a port from 1 to 65535')], [2, true]);
    const patch = await ask([...OPEN, '--patch', 'p.yaml'], {}, { readFile: async () => '- 1' });
    assert.deepEqual([patch.code, patch.client.calls], [2, []]);
    assert.match(patch.stderr.text, /p\.yaml has a fault\n.*p\.yaml:1:1.*expected a mapping/);
  });
});

describe('supplant preview', () => {
  it('lists all, or those of a service', async () => {
    const all = await ask(['list']);
    assert.deepEqual(all.asked('listPreviews'), [undefined]);
    assert.match(all.stdout.text, /feature\/Login_2/);
    const some = await ask(['ls', 'web/production', '-o', 'json']);
    assert.deepEqual(some.asked('listPreviews'), [{ name: 'web', environment: 'production' }]);
    assert.equal((JSON.parse(some.stdout.text) as { previews: object[] }).previews.length, 1);
  });

  it('shows one, and says what is wrong with a branch that has none', async () => {
    const ran = await ask(['status', 'web/production', 'feature/Login_2']);
    assert.match(ran.stdout.text, /feature\/Login_2 of web\/production is up at http:\/\/127\.0\.0\.1:18203/);
    const unknown = await ask(['status', 'web/production', 'nope']);
    assert.deepEqual(
      [unknown.code, unknown.stderr.text.includes('there is no preview nope of web/production')],
      [2, true],
    );
  });

  it('closes one', async () => {
    const ran = await ask(['close', 'web/production', '#123', '--reason', 'merged']);
    const [key, change] = ran.asked('closePreview') as [object, { reason: string }];
    assert.deepEqual(key, { service: { name: 'web', environment: 'production' }, branch: '#123' });
    assert.equal(change.reason, 'merged');
    assert.equal(ran.stdout.text, 'it is closed\n');
  });
});
