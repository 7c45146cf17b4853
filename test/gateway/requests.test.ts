import assert from 'node:assert/strict';
import { Code, ConnectError } from '@connectrpc/connect';
import type { Answers } from '../doubles/recording-client.ts';
import { RecordingClient } from '../doubles/recording-client.ts';
import { BAKING, BAKING_VIEW, HISTORY, SERVICE, SPEC, SUCCEEDED } from '../doubles/sample-views.ts';
import { VERBS } from '../../src/domain/rollout/verbs.ts';
import { toSpec } from '../../src/contract/convert/spec.ts';
import { ApiError, type ApiErrorReason } from '../../src/contract/supplant-client.ts';
import {
  BadRequestSchema,
  ErrorInfoSchema,
  PreconditionFailureSchema,
  RetryInfoSchema,
} from '../../src/contract/gen/google/rpc/error_details_pb.ts';
import { Rollout_State } from '../../src/contract/gen/supplant/v1/rollouts_pb.ts';
import { ServiceService } from '../../src/contract/gen/supplant/v1/services_pb.ts';
import { renderManifest } from '../config/manifest/render.ts';
import { TestGateway, WEB } from './gateway.ts';

/** Starts a gateway, asks, and returns what the system was asked for in turn. */
async function asked(
  ask: (gateway: TestGateway) => Promise<unknown>,
  answers: Answers = {},
): Promise<{ answer: unknown; calls: RecordingClient['calls'] }> {
  await using gateway = await TestGateway.start(answers);
  return { answer: await ask(gateway), calls: gateway.backend.calls };
}

async function refused(
  ask: (gateway: TestGateway) => Promise<unknown>,
  answers: Answers = {},
): Promise<{ error: ConnectError; calls: RecordingClient['calls']; logged: unknown[] }> {
  await using gateway = await TestGateway.start(answers);
  try {
    await ask(gateway);
  } catch (error) {
    return { error: ConnectError.from(error), calls: gateway.backend.calls, logged: gateway.errors };
  }
  return assert.fail('it was not refused');
}

const requestId = 'a-request-1';
const change = { actor: 'somebody', requestId, reason: 'because' };
const mutation = { requestId, reason: 'because' };

describe('what is asked over the API', () => {
  it('is passed on as it was asked, with who, why and the request id', async () => {
    const deploy = { case: 'deploy' as const, value: { artifact: 'npm:x@2' } };
    const back = { case: 'rollback' as const, value: { revision: `${WEB}/revisions/16` } };
    const remove = { case: 'remove' as const, value: {} };
    const { calls } = await asked(async ({ rollouts, ...gateway }) => {
      await rollouts.createRollout({ parent: WEB, action: deploy, ...mutation });
      await rollouts.createRollout({ parent: WEB, action: back, ...mutation });
      await rollouts.createRollout({ parent: WEB, action: remove, ...mutation });
      return gateway;
    });
    assert.deepEqual(calls, [
      { method: 'deploy', args: [SERVICE, 'npm:x@2', change] },
      { method: 'rollback', args: [SERVICE, 16, change] },
      { method: 'remove', args: [SERVICE, change] },
    ]);
  });

  it('passes on that a release is deployed again, with a reason alone', async () => {
    const deploy = { case: 'deploy' as const, value: { artifact: 'npm:x@2', again: true } };
    const description = { case: 'spec' as const, value: toSpec(SPEC) };
    const { calls } = await asked(async (gateway) => {
      await gateway.rollouts.createRollout({ parent: WEB, action: deploy, ...mutation });
      await gateway.client(ServiceService).applyService({ description, again: true, ...mutation });
    });
    assert.deepEqual(
      calls.map(({ args }) => args.at(-1)),
      [
        { ...change, again: true },
        { ...change, again: true },
      ],
    );
    const unexplained = await refused(({ rollouts }) => rollouts.createRollout({ parent: WEB, action: deploy }));
    assert.match(unexplained.error.message, /reason: expected why deploy.again is set/);
    const unsaid = await refused((gateway) =>
      gateway.client(ServiceService).applyService({ description, again: true }),
    );
    assert.match(unsaid.error.message, /reason: expected why again is set/);
    assert.deepEqual(unsaid.calls, []);
  });

  it('says which rollout carries it out', async () => {
    const deploy = { case: 'deploy' as const, value: { artifact: 'npm:x@2' } };
    await using gateway = await TestGateway.start({ receipt: { queuedBehind: 2 } });
    const { receipt } = await gateway.rollouts.createRollout({ parent: WEB, action: deploy });
    assert.equal(receipt?.rollout, `${WEB}/rollouts/12`);
    assert.equal(receipt.revision, `${WEB}/revisions/17`);
    assert.equal(receipt.queuedBehind, 2);
  });

  it('passes every verb on to the rollout', async () => {
    await using gateway = await TestGateway.start();
    const { rollouts } = gateway;
    const name = `${WEB}/rollouts/12`;
    const { effect } = await rollouts.promoteRollout({ name, ...mutation });
    await rollouts.pauseRollout({ name, ...mutation });
    await rollouts.resumeRollout({ name, ...mutation });
    await rollouts.abortRollout({ name, ...mutation });
    await rollouts.retryRollout({ name, ...mutation });
    await rollouts.approveRollout({ name: `${WEB}/rollouts/-`, ...mutation });
    assert.equal(effect, 'promote it is');
    const acts = gateway.backend.calls.filter(({ method }) => method === 'act');
    assert.deepEqual(
      acts.map(({ args }) => args[1]),
      ['promote', 'pause', 'resume', 'abort', 'retry', 'approve'],
    );
    assert.deepEqual(acts[0]?.args[2], { rollout: 12, ...change });
    assert.deepEqual(acts.at(-1)?.args[2], change);
  });

  it('promotes in full only with a reason', async () => {
    await using gateway = await TestGateway.start();
    const { rollouts } = gateway;
    const name = `${WEB}/rollouts/12`;
    await assert.rejects(rollouts.promoteRollout({ name, full: true }), /reason.*expected why steps are left out/);
    await rollouts.promoteRollout({ name, ...mutation, full: true });
    const acts = gateway.backend.calls.filter(({ method }) => method === 'act');
    assert.deepEqual(
      acts.map(({ args }) => args[2]),
      // Nobody asks who calls: such a caller may pass gates, too.
      [{ rollout: 12, ...change, full: true, breakGlass: true }],
    );
    const { effect } = await rollouts.promoteRollout({ name, ...mutation, full: true, validateOnly: true });
    assert.match(effect, /^ends the bake now, .*and gives the new revision all traffic/);
  });

  it('takes a service field by field or as a manifest', async () => {
    await using gateway = await TestGateway.start();
    const services = gateway.client(ServiceService);
    await services.applyService({ description: { case: 'spec', value: toSpec(SPEC) }, ...mutation });
    await services.applyService({ description: { case: 'manifestYaml', value: renderManifest(SPEC) }, ...mutation });
    assert.deepEqual(gateway.backend.calls, [
      { method: 'apply', args: [SPEC, change] },
      { method: 'apply', args: [SPEC, change] },
    ]);
  });

  it('asks for the same of services, revisions and the queue', async () => {
    await using gateway = await TestGateway.start();
    const services = gateway.client(ServiceService);
    await services.deleteService({ name: WEB, ...mutation });
    await services.rollbackService({ name: WEB, ...mutation });
    await services.rollbackService({ name: WEB, revision: `${WEB}/revisions/16`, ...mutation });
    await services.pinRevision({ name: `${WEB}/revisions/16`, ...mutation });
    await services.unpinRevision({ name: `${WEB}/revisions/16`, ...mutation });
    await services.markRevisionBad({ name: `${WEB}/revisions/16`, ...mutation });
    await services.removeQueuedRollout({ name: `${WEB}/rollouts/13`, ...mutation });
    assert.deepEqual(gateway.backend.calls, [
      { method: 'remove', args: [SERVICE, change] },
      { method: 'rollback', args: [SERVICE, undefined, change] },
      { method: 'rollback', args: [SERVICE, 16, change] },
      { method: 'pin', args: [SERVICE, 16, change] },
      { method: 'unpin', args: [SERVICE, 16, change] },
      { method: 'markBad', args: [SERVICE, 16, change] },
      { method: 'removeQueued', args: [SERVICE, 13, change] },
    ]);
  });

  it('is decided on in one place where it is only to be validated', async () => {
    await using gateway = await TestGateway.start();
    const services = gateway.client(ServiceService);
    const validateOnly = true;
    const remove = { case: 'remove' as const, value: {} };
    await gateway.rollouts.createRollout({ parent: WEB, action: remove, validateOnly });
    const { effect } = await gateway.rollouts.abortRollout({ name: `${WEB}/rollouts/12`, validateOnly });
    await services.applyService({ description: { case: 'spec', value: toSpec(SPEC) }, validateOnly });
    await services.rollbackService({ name: WEB, validateOnly });
    await services.pinRevision({ name: `${WEB}/revisions/16`, validateOnly });
    await services.removeQueuedRollout({ name: `${WEB}/rollouts/13`, validateOnly });
    assert.match(effect, /gives traffic back/);
    const changing = /^(apply|deploy|rollback|remove|act|pin|unpin|markBad|removeQueued)$/;
    const passedOn = gateway.backend.calls.filter(({ method }) => changing.test(method));
    assert.deepEqual(
      passedOn.map(({ method, args }) => [method, (args.at(-1) as { dryRun?: boolean }).dryRun]),
      [
        ['remove', true],
        ['apply', true],
        ['rollback', true],
        ['pin', true],
        ['removeQueued', true],
      ],
    );
  });

  it('says what a rollback would end and what would leave the queue, without doing it', async () => {
    const waits = (number: number, kind: 'deploy' | 'rollback' | 'remove') => ({
      ...{ number, kind, actor: 'bo', queuedAt: BAKING.startedAt },
    });
    const queue = [waits(13, 'deploy'), waits(14, 'remove'), waits(15, 'deploy')];
    const view = { ...BAKING_VIEW, status: { ...BAKING_VIEW.status, queue }, rollout: BAKING };
    // As its service decides.
    const decided = { rollout: 0, ends: 12, drops: [13, 15], queuedBehind: 1 };
    await using gateway = await TestGateway.start({ views: [view], rollouts: [BAKING], receipt: decided });
    const services = gateway.client(ServiceService);
    const { receipt } = await services.rollbackService({ name: WEB, validateOnly: true });
    assert.equal(receipt?.ends, `${WEB}/rollouts/12`);
    assert.deepEqual(receipt.drops, [`${WEB}/rollouts/13`, `${WEB}/rollouts/15`]);
    assert.equal(receipt.queuedBehind, 1);
    const { verbs } = await gateway.rollouts.explainRollout({ name: `${WEB}/rollouts/12` });
    const rollback = verbs.find(({ verb }) => verb === 'rollback');
    assert.match(rollback?.effect ?? '', /^puts this rollout back at its next safe point, then goes back/);
  });

  it('shows a rollout, the last one, and one in the queue', async () => {
    const queue = [{ number: 13, kind: 'deploy' as const, revision: 18, actor: 'bo', queuedAt: BAKING.startedAt }];
    const status = { ...BAKING_VIEW.status, queue };
    class Queueing extends RecordingClient {
      override async rollout(service: typeof SERVICE, number?: number) {
        if (number === 13) throw new ApiError('NOT_FOUND', 'no such rollout');
        return super.rollout(service, number);
      }
    }
    await using gateway = await TestGateway.start(
      new Queueing({ views: [{ ...BAKING_VIEW, status }], rollouts: [BAKING] }),
    );
    const { rollouts } = gateway;
    const running = await rollouts.getRollout({ name: `${WEB}/rollouts/12` });
    const latest = await rollouts.getRollout({ name: `${WEB}/rollouts/-` });
    const queued = await rollouts.getRollout({ name: `${WEB}/rollouts/13` });
    assert.deepEqual(latest, running);
    assert.equal(running.rollout?.state, Rollout_State.RUNNING);
    assert.equal(queued.rollout?.state, Rollout_State.QUEUED);
    assert.equal(queued.rollout.actor, 'bo');
    const why = await rollouts.explainRollout({ name: `${WEB}/rollouts/13` });
    assert.match(why.sentences[0] ?? '', /has been queued since .* behind 1 other\./);
  });

  it('explains a rollout, and says what can be asked of it', async () => {
    await using gateway = await TestGateway.start({ rollouts: [SUCCEEDED] });
    const { sentences, verbs } = await gateway.rollouts.explainRollout({ name: `${WEB}/rollouts/12` });
    assert.match(sentences[0] ?? '', /succeeded at/);
    assert.equal(verbs.length, VERBS.length);
    const abort = verbs.find(({ verb }) => verb === 'abort');
    assert.equal(abort?.legal, false);
    assert.match(abort.refusal, /the rollout is over/);
  });

  it('lists in pages that new entries do not shift', async () => {
    const entry = HISTORY.rollouts[0]!;
    const history = (newest: number) =>
      Array.from({ length: newest }, (_, index) => ({ ...entry, number: newest - index }));
    class Growing extends RecordingClient {
      newest = 10;
      override async history(_service: typeof SERVICE, limit = 50) {
        return { rollouts: history(this.newest).slice(0, limit), revisions: [] };
      }
    }
    const backend = new Growing({ views: [BAKING_VIEW] });
    await using gateway = await TestGateway.start(backend);
    const numbers: string[] = [];
    let [pageToken, pages] = ['', 0];
    do {
      const page = await gateway.rollouts.listRollouts({ parent: WEB, pageSize: 3, pageToken });
      numbers.push(...page.rollouts.map(({ name }) => name.replace(/.*\//, '')));
      pageToken = page.nextPageToken;
      pages += 1;
      backend.newest += 7;
    } while (pageToken !== '');
    assert.deepEqual(numbers, ['10', '9', '8', '7', '6', '5', '4', '3', '2', '1']);
    assert.equal(pages, 4);
  });
});

describe('a refusal', () => {
  const deploy = { case: 'deploy' as const, value: { artifact: 'npm:x@2' } };
  const create = ({ rollouts }: TestGateway) => rollouts.createRollout({ parent: WEB, action: deploy });

  it('of a wrong request names all its faults at once, and starts nothing', async () => {
    const { error, calls } = await refused(({ rollouts }) =>
      rollouts.createRollout({
        parent: 'web/production',
        action: { case: 'deploy', value: { artifact: '' } },
        reason: 'x'.repeat(4001),
        requestId: 'with blanks',
      }),
    );
    assert.equal(error.code, Code.InvalidArgument);
    const [bad] = error.findDetails(BadRequestSchema);
    assert.deepEqual(
      bad?.fieldViolations.map(({ field }) => field),
      ['parent', 'deploy.artifact', 'request_id', 'reason'],
    );
    assert.deepEqual(calls, []);
  });

  it('of a wrong spec names its fields; of a manifest also the lines', async () => {
    const spec = toSpec(SPEC);
    const apply = (value: object) => (gateway: TestGateway) =>
      gateway.client(ServiceService).applyService({ description: { case: 'spec', value } });
    const { error } = await refused(
      apply({ ...spec, service: 'Web', retention: { warmFor: { seconds: 0n, nanos: 1 } }, artifact: '' }),
    );
    assert.deepEqual(
      error
        .findDetails(BadRequestSchema)[0]
        ?.fieldViolations.map(({ field }) => field)
        .toSorted(),
      ['spec.artifact', 'spec.retention.warm_for', 'spec.service'],
    );
    const manifestYaml = renderManifest(SPEC).replace('kind: Service', 'kind: Servce');
    const { error: ofManifest } = await refused((gateway) =>
      gateway.client(ServiceService).applyService({ description: { case: 'manifestYaml', value: manifestYaml } }),
    );
    assert.equal(ofManifest.findDetails(BadRequestSchema)[0]?.fieldViolations[0]?.field, 'manifest_yaml:2:7 kind');
  });

  const codes: Record<Exclude<ApiErrorReason, 'INVALID'>, Code> = {
    NOT_FOUND: Code.NotFound,
    REFUSED: Code.FailedPrecondition,
    CONFLICT: Code.AlreadyExists,
    UNAVAILABLE: Code.Unavailable,
    INTERNAL: Code.Internal,
  };
  for (const [reason, code] of Object.entries(codes) as [ApiErrorReason, Code][]) {
    it(`because of ${reason} comes as ${Code[code]} with the reason and the suggestion`, async () => {
      const cause = new ApiError(reason, 'the words for it', { suggestion: 'do this' });
      const { error, logged } = await refused(create, { error: cause });
      const [info] = error.findDetails(ErrorInfoSchema);
      assert.equal(error.code, code);
      assert.equal(info?.reason, reason);
      assert.equal(info.domain, 'supplant.dev');
      if (reason === 'INTERNAL') {
        assert.deepEqual(logged, [cause]);
        return;
      }
      assert.equal(error.rawMessage, 'the words for it');
      assert.equal(info.metadata.suggestion, 'do this');
      assert.equal(error.findDetails(RetryInfoSchema).length, reason === 'UNAVAILABLE' ? 1 : 0);
      const [precondition] = error.findDetails(PreconditionFailureSchema);
      if (reason === 'REFUSED') assert.equal(precondition?.violations[0]?.subject, WEB);
    });
  }

  it('of what nobody foresaw says nothing of it, but where to look', async () => {
    const cause = new Error('the password is hunter2');
    const { error, logged } = await refused(create, { error: cause });
    assert.equal(error.code, Code.Internal);
    assert.doesNotMatch(JSON.stringify(error), /hunter2/);
    assert.match(error.rawMessage, /log has it under [0-9a-f-]{36}/);
    assert.deepEqual(logged, [cause]);
  });

  it('of a verb that is not legal now is the same where it is only to be validated', async () => {
    const name = `${WEB}/rollouts/12`;
    const { error } = await refused(({ rollouts }) => rollouts.abortRollout({ name, validateOnly: true }), {
      rollouts: [SUCCEEDED],
    });
    assert.equal(error.code, Code.FailedPrecondition);
    assert.match(error.rawMessage, /cannot abort in phase closed: the rollout is over/);
    assert.equal(error.findDetails(PreconditionFailureSchema)[0]?.violations[0]?.subject, name);
  });

  it('of a token of another list', async () => {
    await using gateway = await TestGateway.start();
    const services = gateway.client(ServiceService);
    const pageToken = Buffer.from('["services","web/production"]').toString('base64url');
    await services.listServices({ pageToken });
    const { error } = await refused(() => gateway.rollouts.listRollouts({ parent: WEB, pageToken, pageSize: -1 }));
    assert.deepEqual(
      error.findDetails(BadRequestSchema)[0]?.fieldViolations.map(({ field }) => field),
      ['page_size', 'page_token'],
    );
  });
});
