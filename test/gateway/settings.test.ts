import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, it } from 'mocha';
import { readGatewaySettings } from '../../src/gateway/settings.ts';

describe('the settings of a gateway', () => {
  it('are none where nothing is said', () => {
    assert.deepEqual(readGatewaySettings({}), {});
    assert.deepEqual(readGatewaySettings({ SUPPLANT_LONGEST_TTL: '', SUPPLANT_PREVIEW_PORTS: '' }), {});
  });

  it('are the longest TTL, and the ports of previews', () => {
    const env = { SUPPLANT_LONGEST_TTL: '12h', SUPPLANT_PREVIEW_PORTS: '9000-9099' };
    const wanted = { longestTtlMs: 12 * 3_600_000, previewPorts: { first: 9000, last: 9099 } };
    assert.deepEqual(readGatewaySettings(env), wanted);
  });

  it('are refused where they are wrong, all at once, with what would be right', () => {
    assert.throws(() => readGatewaySettings({ SUPPLANT_LONGEST_TTL: '12', SUPPLANT_PREVIEW_PORTS: '9-8' }), {
      message:
        'SUPPLANT_LONGEST_TTL is 12, which is no duration of at least 1s; write it as 8h or 168h; ' +
        'SUPPLANT_PREVIEW_PORTS is 9-8, which is no range of ports; write it as 18100-18999',
    });
    assert.throws(() => readGatewaySettings({ SUPPLANT_LONGEST_TTL: '500ms' }), /no duration of at least 1s/);
  });

  it('are read before anything else: a gateway that is told nonsense does not serve', async () => {
    const program = fileURLToPath(new URL('../../src/gateway.ts', import.meta.url));
    const env = { ...process.env, SUPPLANT_LONGEST_TTL: 'a week' };
    const listen = ['--listen', '127.0.0.1:0', '--data', '/nowhere/supplant'];
    const failure: unknown = await promisify(execFile)(process.execPath, [program, ...listen], { env }).catch(
      (error: unknown) => error,
    );
    const { code, stderr } = failure as { code: number; stderr: string };
    assert.equal(code, 1);
    assert.match(stderr, /SUPPLANT_LONGEST_TTL is a week, which is no duration/);
  });
});
