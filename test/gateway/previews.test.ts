import assert from 'node:assert/strict';
import { Code, ConnectError } from '@connectrpc/connect';
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import { describe, it } from 'mocha';
import { fromPreview } from '../../src/contract/convert/preview.ts';
import { BadRequestSchema } from '../../src/contract/gen/google/rpc/error_details_pb.ts';
import { PreviewService, Preview_State } from '../../src/contract/gen/supplant/v1/previews_pb.ts';
import { ExperimentService } from '../../src/contract/gen/supplant/v1/experiments_pb.ts';
import { toExperimentSpec } from '../../src/contract/convert/experiment/spec.ts';
import * as sample from '../doubles/sample-previews.ts';
import { TestGateway } from './gateway.ts';

const WEB = 'services/web/environments/production';
const mutation = { requestId: 'a-request-1', reason: 'because' };
const change = { actor: 'somebody', ...mutation };
const key = { service: { name: 'web', environment: 'production' }, branch: 'feature/Login_2' };
const named = { service: WEB, branch: key.branch };
const ANSWERS = { previews: [sample.UP_PREVIEW, sample.DOWN_PREVIEW] };

async function fieldsOf(refused: Promise<unknown>): Promise<{ code: Code; fields: string[] }> {
  const error = await refused.then(
    () => assert.fail('it was not refused'),
    (failure: unknown) => ConnectError.from(failure),
  );
  const [bad] = error.findDetails(BadRequestSchema);
  return { code: error.code, fields: (bad?.fieldViolations ?? []).map(({ field }) => field).toSorted() };
}

describe('what is asked of previews over the API', () => {
  it('is passed on as it was asked, with who, why and the request id', async () => {
    await using gateway = await TestGateway.start(ANSWERS);
    const client = gateway.client(PreviewService);
    const patch = { blueprint: { config: { env: { FLAG: '1' } } } };
    const asked = {
      ...named,
      artifact: 'npm:web@2.0.0',
      patch,
      ttl: durationFromMs(7_200_000),
      port: 8090,
      force: true,
    };
    const { effect, unchanged, run, port } = await client.openPreview({ ...asked, ...mutation });
    assert.deepEqual([effect, unchanged, port], ['it is opened', false, 18_100]);
    assert.match(run, /^experiments\/web-login-2-x[a-z0-9]{7}\/environments\/production\/runs\/1$/);
    const bare = await client.openPreview({ ...named, artifact: 'npm:web@2.0.0', ...mutation, validateOnly: true });
    assert.equal(bare.run, '');
    await client.closePreview({ ...named, ...mutation });
    const request = { ...key, artifact: 'npm:web@2.0.0' };
    assert.deepEqual(gateway.backend.calls, [
      { method: 'openPreview', args: [{ ...request, patch, ttlMs: 7_200_000, port: 8090, force: true }, change] },
      { method: 'openPreview', args: [request, { ...change, dryRun: true }] },
      { method: 'closePreview', args: [key, change] },
    ]);
  });

  it('is shown whole, one or page by page', async () => {
    await using gateway = await TestGateway.start(ANSWERS);
    const client = gateway.client(PreviewService);
    const { preview } = await client.getPreview(named);
    assert.equal(preview?.state, Preview_State.UP);
    assert.deepEqual(fromPreview(preview), sample.UP_PREVIEW);
    const first = await client.listPreviews({ pageSize: 1 });
    const second = await client.listPreviews({ pageSize: 1, pageToken: first.nextPageToken });
    const branches = [...first.previews, ...second.previews].map(({ branch }) => branch);
    assert.deepEqual(branches.toSorted(), ['#123', 'feature/Login_2']);
    assert.equal(second.nextPageToken, '');
    const other = client.listPreviews({ service: WEB, pageToken: first.nextPageToken });
    assert.deepEqual(await fieldsOf(other), { code: Code.InvalidArgument, fields: ['page_token'] });
  });

  it('is refused with everything that is wrong with it', async () => {
    await using gateway = await TestGateway.start(ANSWERS);
    const client = gateway.client(PreviewService);
    const wrong = {
      ...{ service: 'web', branch: ' login\n', artifact: '', port: 70_000, ttl: durationFromMs(0), requestId: 'a b' },
      patch: { artifact: 'npm:other@1.0.0' },
      checks: [{ name: 'a', kind: { case: 'http' as const, value: { path: 'no-slash' } } }],
    };
    const { code, fields } = await fieldsOf(client.openPreview(wrong));
    assert.equal(code, Code.InvalidArgument);
    for (const field of ['artifact', 'branch', 'patch.artifact', 'port', 'request_id', 'service', 'ttl']) {
      assert.ok(fields.includes(field), `${field} is not among ${fields.join(', ')}`);
    }
    assert.ok(
      fields.some((field) => field.startsWith('checks[0]')),
      fields.join(', '),
    );
    assert.deepEqual((await fieldsOf(client.closePreview({ service: WEB, branch: '' }))).fields, ['branch']);
    assert.deepEqual(gateway.backend.calls, []);
  });

  it('is not to be had by describing an experiment as a preview', async () => {
    await using gateway = await TestGateway.start(ANSWERS);
    const description = { case: 'spec' as const, value: toExperimentSpec(sample.PREVIEW_SPEC) };
    const refused = gateway.client(ExperimentService).applyExperiment({ description });
    assert.deepEqual((await fieldsOf(refused)).fields, ['spec.preview']);
  });

  it('is answered as JSON as well', async () => {
    await using gateway = await TestGateway.start(ANSWERS);
    const { status, body } = await gateway.json('PreviewService/GetPreview', named);
    assert.equal(status, 200);
    assert.equal((body.preview as { url: string }).url, 'http://127.0.0.1:18203');
  });
});
