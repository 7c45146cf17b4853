import assert from 'node:assert/strict';
import { Code, ConnectError } from '@connectrpc/connect';
import { BadRequestSchema } from '../../src/contract/gen/google/rpc/error_details_pb.ts';
import { DriftFinding_Kind, DriftService, StackDrift_State } from '../../src/contract/gen/supplant/v1/drift_pb.ts';
import { DRIFT } from '../doubles/sample-drift.ts';
import { TestGateway } from './gateway.ts';

const WEB = 'services/web/environments/production';
const web = { name: 'web', environment: 'production' };
const mutation = { requestId: 'a-request-1', reason: 'because' };
const change = { actor: 'somebody', ...mutation };

describe('what is asked about drift over the API', () => {
  it('says how stacks stand, page by page', async () => {
    await using gateway = await TestGateway.start({ drift: DRIFT });
    const client = gateway.client(DriftService);
    const seen: string[] = [];
    for (let pageToken: string | undefined = ''; pageToken !== undefined;) {
      const page = await client.listDrift({ pageSize: 3, pageToken });
      assert.equal(page.trouble, DRIFT.trouble);
      seen.push(...page.stacks.map(({ name }) => name));
      pageToken = page.nextPageToken === '' ? undefined : page.nextPageToken;
    }
    assert.deepEqual(seen, [
      `${WEB}/revisions/2`,
      `${WEB}/revisions/3`,
      'services/web/environments/staging/revisions/9',
      'services/worker/environments/production/revisions/1',
    ]);
  });

  it('says of one service what there is of it, and never a value', async () => {
    await using gateway = await TestGateway.start({ drift: DRIFT });
    const { stacks } = await gateway.client(DriftService).listDrift({ parent: WEB });
    const [acknowledged, drifted] = stacks;
    assert.equal(acknowledged?.state, StackDrift_State.ACKNOWLEDGED);
    assert.deepEqual(acknowledged.findings[0]?.properties, ['ingress', 'tags']);
    assert.equal(acknowledged.acknowledgement?.actor, 'token:oncall');
    assert.equal(drifted?.state, StackDrift_State.DRIFTED);
    assert.ok(drifted.live && drifted.blocks);
    assert.deepEqual(
      drifted.findings.map(({ kind, resource }) => [kind, resource]),
      [
        [DriftFinding_Kind.GONE, 'p1'],
        [DriftFinding_Kind.CHANGED, 'p2'],
      ],
    );
    assert.deepEqual(gateway.backend.calls, [{ method: 'listDrift', args: [web] }]);
  });

  it('is passed on as it was asked, with who, why and the request id', async () => {
    await using gateway = await TestGateway.start({ drift: DRIFT });
    const client = gateway.client(DriftService);
    await client.checkDrift({ ...mutation });
    await client.checkDrift({ parent: WEB, ...mutation });
    await client.acknowledgeDrift({ name: `${WEB}/revisions/3`, ...mutation });
    await client.acknowledgeDrift({ name: `${WEB}/revisions/3`, ...mutation, validateOnly: true });
    assert.deepEqual(gateway.backend.calls, [
      { method: 'checkDrift', args: [undefined, change] },
      { method: 'checkDrift', args: [web, change] },
      { method: 'acknowledgeDrift', args: [web, 3, change] },
      { method: 'acknowledgeDrift', args: [web, 3, { ...change, dryRun: true }] },
    ]);
  });

  it('is refused with everything that is wrong', async () => {
    await using gateway = await TestGateway.start({ drift: DRIFT });
    const client = gateway.client(DriftService);
    const refused = async (asked: Promise<unknown>, ...words: RegExp[]): Promise<void> => {
      await assert.rejects(asked, (error: unknown) => {
        assert.ok(error instanceof ConnectError && error.code === Code.InvalidArgument);
        const [details] = error.findDetails(BadRequestSchema);
        const told = details?.fieldViolations.map(({ field, description }) => `${field}: ${description}`).join() ?? '';
        for (const word of words) assert.match(told, word);
        return true;
      });
    };
    await refused(client.acknowledgeDrift({ name: 'web', reason: ' ' }), /name/, /reason/);
    await refused(client.listDrift({ parent: 'web/production', pageSize: -1 }), /services\/web/, /page_size/);
    await refused(client.checkDrift({ parent: WEB, requestId: 'no spaces' }), /request_id/);
    assert.deepEqual(gateway.backend.calls, []);
  });

  it('says how far looks are that take longer than a request may', async () => {
    await using gateway = await TestGateway.start({ drift: DRIFT, unfinished: 1 });
    const client = gateway.client(DriftService);
    await assert.rejects(client.checkDrift(mutation), (error: unknown) => {
      assert.ok(error instanceof ConnectError);
      return error.code === Code.Unavailable;
    });
    assert.match((await client.checkDrift(mutation)).effect, /^3 stacks/);
  });
});
