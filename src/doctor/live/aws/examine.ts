import { openClients } from '../../../../blueprints/aws/clients.ts';
import type { Blueprint } from '../../../stacks/blueprint.ts';
import { type LiveExamined, type LiveFinding, wordsOf } from '../finding.ts';
import { type ClearLimits, Ledger, type LeftThing } from '../ledger.ts';
import { findIdentity, findNetwork } from './account.ts';
import { LIVE_CHECKS } from './checks.ts';
import type { LiveCheck } from './live-check.ts';
import { describeOffer } from './offer.ts';
import { LiveStage } from './stage.ts';

/** What was found, and what could not be taken away again. */
export interface LiveReport {
  account: string;
  region: string;
  examined: LiveExamined[];
  left: LeftThing[];
  /** Whether it was ended before everything was looked into. */
  isCut: boolean;
}

export interface LiveOptions {
  blueprint: Blueprint;
  /** The VPC to use; the region's default one unless told. */
  vpc?: string;
  signal: AbortSignal;
  /** Told what will be made, before anything is; nothing is made unless it agrees. */
  agree: (offer: readonly string[]) => Promise<boolean>;
  /** Told what is under way. */
  onProgress: (text: string) => void;
  checks?: readonly LiveCheck[];
  clearing?: ClearLimits;
}

/**
 * Tries what Supplant relies on with real things in the account that AWS's standard chain of credentials finds, and takes
 * them away again however it ends.
 * @returns undefined where nobody agreed, and nothing was made
 * @throws AccountUnfitError before anything is made
 */
export async function examineLive(options: LiveOptions): Promise<LiveReport | undefined> {
  const { blueprint, signal, agree, onProgress, checks = LIVE_CHECKS, clearing } = options;
  const identity = await findIdentity();
  const clients = openClients({ region: identity.region });
  const ledger = new Ledger();
  try {
    const network = await findNetwork(clients, options.vpc);
    const stage = new LiveStage({ clients, identity, network, ledger, blueprint, signal });
    if (!(await agree(describeOffer(identity, network, stage.prefix)))) return undefined;
    const examined = await examineAll(stage, checks, onProgress);
    onProgress('taking everything away again');
    const left = await ledger.clear(clearing);
    const { account, region } = identity;
    return { account, region, examined, left, isCut: signal.aborted };
  } finally {
    clients.close();
  }
}

/** Never throws: what was made must go. */
async function examineAll(
  stage: LiveStage,
  checks: readonly LiveCheck[],
  onProgress: (text: string) => void,
): Promise<LiveExamined[]> {
  const examined: LiveExamined[] = [];
  for (const check of [loadBalancer, ...checks]) {
    if (stage.parts.signal.aborted) break;
    onProgress(check.name);
    const findings = await findingsOf(stage, check);
    if (findings) examined.push({ name: check.name, findings });
    // Without one there is nothing to look at.
    if (stage.listener === '') break;
  }
  return examined;
}

/** What all the others need. */
const loadBalancer: LiveCheck = {
  name: 'a load balancer',
  async run(stage) {
    await stage.createLoadBalancer();
    const expected = 'a load balancer and its listener can be made';
    return [{ state: 'good', expected, found: 'they were made', follows: 'an environment can be made here' }];
  },
};

/** Undefined where the look was ended, which is no fault of AWS's. */
async function findingsOf(stage: LiveStage, check: LiveCheck): Promise<LiveFinding[] | undefined> {
  try {
    return await check.run(stage);
  } catch (error) {
    if (stage.parts.signal.aborted) return undefined;
    const follows = 'nobody knows; where it is access that is denied, docs/aws.md has what has to be allowed';
    return [{ state: 'bad', expected: 'it can be tried', found: wordsOf(error), follows }];
  }
}
