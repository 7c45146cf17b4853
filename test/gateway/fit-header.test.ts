import assert from 'node:assert/strict';
import { connect } from 'node:http2';
import { toBinary } from '@bufbuild/protobuf';
import { OpenPreviewRequestSchema } from '../../src/contract/gen/supplant/v1/previews_pb.ts';
import { create } from '@bufbuild/protobuf';
import { fitFaults, fitMessage } from '../../src/gateway/fit-header.ts';
import { TestGateway } from './gateway.ts';

describe('an error in a header', () => {
  it('is as it was where it is short', () => {
    assert.equal(fitMessage('branch: expected a branch'), 'branch: expected a branch');
    const faults = [{ path: 'branch', message: 'expected a branch' }];
    assert.deepEqual(fitFaults(faults), faults);
  });

  it('is cut where it is long, between characters', () => {
    for (const text of ['y'.repeat(70_000), '💥'.repeat(70_000), '\ud83d'.repeat(70_000)]) {
      const cut = fitMessage(text);
      assert.ok(Buffer.byteLength(cut) <= 4_000);
      assert.ok(cut.endsWith('…') && cut.isWellFormed());
    }
  });

  it('tells as many faults as there is room for, and how many more there are', () => {
    const faults = Array.from({ length: 500 }, (_, index) => ({
      path: `checks[${index}]`,
      message: 'x'.repeat(1_000),
    }));
    const told = fitFaults(faults);
    assert.ok(Buffer.byteLength(JSON.stringify(told)) < 25_000);
    assert.equal(told.at(-1)?.message, `there are ${500 - (told.length - 1)} more faults; mend those before first`);
    assert.equal(told.at(-1)?.path, `checks[${told.length - 1}]`);
  });

  it('ends no connection, however long what it quotes is', async () => {
    await using gateway = await TestGateway.start();
    const session = connect(`http://127.0.0.1:${gateway.server.address.port}`);
    const checks = Array.from({ length: 40 }, (_, index) => ({
      name: '💥'.repeat(500),
      probe: { case: 'command' as const, value: { command: [], workingDirectory: `${index}${'💥'.repeat(5_000)}` } },
    }));
    const message = toBinary(OpenPreviewRequestSchema, create(OpenPreviewRequestSchema, { service: 'x', checks }));
    const head = Buffer.alloc(5);
    head.writeUInt32BE(message.length, 1);
    const ask = async (): Promise<string | undefined> =>
      new Promise((resolve, reject) => {
        const stream = session.request({
          ':path': '/supplant.v1.PreviewService/OpenPreview',
          ':method': 'POST',
          ...{ 'content-type': 'application/grpc+proto', te: 'trailers' },
        });
        const status = (headers: Record<string, unknown>): void => {
          if (typeof headers['grpc-status'] === 'string') resolve(headers['grpc-status']);
        };
        stream.on('trailers', status).on('response', status).on('error', reject).resume();
        stream.end(Buffer.concat([head, message]));
      });
    try {
      const INVALID_ARGUMENT = '3';
      assert.equal(await ask(), INVALID_ARGUMENT);
      assert.equal(await ask(), INVALID_ARGUMENT);
    } finally {
      session.destroy();
    }
  });
});
