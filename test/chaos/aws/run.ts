import { setTimeout as sleep } from 'node:timers/promises';
import type { RolloutOutcome } from '../../../src/domain/rollout/rollout.ts';
import type { Receipt, RequestMeta } from '../../../src/domain/service/requests.ts';
import type { SupplantClient } from '../../../src/contract/supplant-client.ts';
import { ask } from '../../contract/http.ts';
import type { AwsInstallation, Version } from '../../e2e/aws-installation.ts';
import { droppedFindings } from '../checks/dropped.ts';
import { replayFindings } from '../checks/replays.ts';
import { type Finding, findings } from '../findings.ts';
import { type End, awaitEnd, describeEnd, insist } from '../insist.ts';
import { Outages } from '../outages.ts';
import { ofKind } from '../processes.ts';
import type { RunResult } from '../results.ts';
import { Traffic } from '../traffic.ts';
import { AWS_FAULTS } from './faults.ts';
import type { AwsFaultKind, AwsPlan, AwsWish } from './plan.ts';

/** For a rollout to come to its end, whatever was broken meanwhile. */
const END_MS = 150_000;

/** What each wish is to come to, and what is served then. A second deployment is there for a rollback to lead away from. */
const OUGHT: Record<AwsWish, { outcome: RolloutOutcome; served: Version }> = {
  'deploy good': { outcome: 'succeeded', served: 'two' },
  'deploy broken': { outcome: 'failed', served: 'one' },
  rollback: { outcome: 'succeeded', served: 'one' },
};

export type AwsRunResult = Pick<RunResult, 'seed' | 'findings' | 'requests' | 'seconds'> & {
  struck: AwsFaultKind[];
  missed: AwsFaultKind[];
};

/** One plan from its first deployment to the removal of its service, and everything that is wrong after it. */
export async function carryOutAwsRun(installation: AwsInstallation, plan: AwsPlan): Promise<AwsRunResult> {
  const began = performance.now();
  // Nothing that is struck stands between users and what they use: no failure is excused.
  const outages = new Outages();
  const traffic = new Traffic(outages);
  const struck: AwsFaultKind[] = [];
  const missed: AwsFaultKind[] = [];
  let found: Finding[];
  try {
    found = await live(installation, plan, traffic, { struck, missed });
    found.push(...droppedFindings(outages));
  } catch (error) {
    found = [{ kind: 'stuck', text: `the run could not go on: ${(error as Error).stack ?? String(error)}` }];
  } finally {
    installation.aws.front.faults.forget();
    await traffic.end();
  }
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  return { seed: plan.seed, findings: found, requests: traffic.total, seconds, struck, missed };
}

async function live(
  installation: AwsInstallation,
  { seed, service, wish, faults }: AwsPlan,
  traffic: Traffic,
  tally: Record<'struck' | 'missed', AwsFaultKind[]>,
): Promise<Finding[]> {
  const { platform, address, aws } = installation;
  const key = { name: service, environment: 'test' };
  const before = await installation.listAccount();
  let asked = 0;
  const send = async (request: (client: SupplantClient, change: RequestMeta) => Promise<Receipt>): Promise<Receipt> => {
    asked += 1;
    const change = { actor: 'chaos', reason: `seed ${seed}`, requestId: `${seed}-${Date.now()}-${asked}` };
    return insist(platform, (client) => request(client, change));
  };
  const end = async (receipt: Receipt) => awaitEnd(platform, receipt, AbortSignal.timeout(END_MS));
  const deploy = (version: Version) =>
    send((client, change) => client.apply(installation.describe(service, version), change));

  const headers = { host: installation.hostOf(service) };
  const found: Finding[] = [];
  const expect = (what: string, how: End, ought: RolloutOutcome): void => {
    if (how.outcome !== ought) found.push({ kind: 'wrong', text: `${what} has ${describeEnd(how)}, not ${ought}` });
  };
  expect('the first deployment', await end(await deploy('one')), 'succeeded');
  if (wish === 'rollback') expect('the second deployment', await end(await deploy('two')), 'succeeded');
  traffic.to(`http://${address.host}:${address.port}/`, headers);

  const striking = faults.map(async (fault) => {
    await sleep(fault.delayMs);
    tally[await AWS_FAULTS[fault.kind](installation, fault)].push(fault.kind);
  });
  const { outcome, served } = OUGHT[wish];
  const receipt =
    wish === 'rollback'
      ? await send((client, change) => client.rollback(key, undefined, change))
      : await deploy(wish === 'deploy good' ? 'two' : 'broken');
  expect(wish, await end(receipt), outcome);
  await Promise.all(striking);
  aws.front.faults.forget();
  const { body } = await ask(address, { headers });
  if (body !== served) found.push({ kind: 'wrong', text: `${body} is served, not ${served}` });
  await traffic.end();

  expect('the removal', await end(await send((client, change) => client.remove(key, change))), 'succeeded');
  found.push(...(await listLeft(installation, before)));
  found.push(...(await replayFindings(installation, key)));
  return found;
}

/** What a service that was removed has left in the account or on this machine, or taken with it. */
async function listLeft(installation: AwsInstallation, before: readonly string[]): Promise<Finding[]> {
  const after = await installation.listAccount();
  const left = after.filter((each) => !before.includes(each)).map((each) => `${each} is left`);
  const lost = before.filter((each) => !after.includes(each)).map((each) => `${each} is gone`);
  const engines = ofKind(installation.platform.folder.root, 'engine').map(({ pid }) => `an engine is left: ${pid}`);
  return findings('leaked', [...left, ...lost, ...engines]);
}
