import type { Asking } from '../domain/service/answers.ts';
import type { Approver } from '../domain/gates/approval.ts';
import { type Claim, nameClaimant } from '../domain/gates/claim.ts';
import { computeFingerprint } from '../domain/fingerprint.ts';
import {
  type Asked,
  type RequestMeta,
  type Command,
  type ServiceCommand,
  type RolloutRef,
  type VerbRequest,
  workflowIds,
} from '../domain/service/requests.ts';
import { readPool } from '../domain/pools/pool.ts';
import type { RolloutVerb } from '../domain/rollout/verbs.ts';
import { formatArtifactLabel } from '../domain/service/revision.ts';
import { type ServiceKey, type ServiceSpec, parseServiceId, formatServiceId } from '../domain/service/service.ts';
import type { KnownRollback } from '../domain/rollback/verdict.ts';
import type { Answer } from '../domain/service/state.ts';
import type { Catalogue } from '../store/catalogue/catalogue.ts';
import type { ProofLog } from '../store/experiments/stores.ts';
import type { BlueprintDescription, StackDriver } from '../stacks/driver.ts';
import { readKnownRollbacks } from './experiment/proofs.ts';
import { createPermanentFailure } from './failures.ts';
import type { Journal } from './journal.ts';
import { toAnswer } from './recall.ts';
import { describeRelease } from './release-faults.ts';
import { computeReleaseDigest, fixBlueprint, toSpecRef } from './release.ts';
import { type TimedTask, type ToldTime, tellTime } from './told-time.ts';

export interface CommandTask {
  service: ServiceKey;
  /** Its name. */
  command: string;
}

/** A command as it is recorded, without what may be large. */
export interface CommandReading extends ToldTime {
  command: string;
  change: RequestMeta;
  asking: Asking;
  /** What was answered to the same request before, where that is recorded. */
  before?: Answer;
  /** The request that was answered last, by the record; absent where none was. */
  latest?: string;
  /** The last number that a rollout was given, of those that are recorded as begun or dropped; absent where none is. */
  lastRollout?: number;
  /** What is asked; a release is worked out by {@link commandActivities.describe}. */
  request?: { kind: 'release' } | Exclude<Asked, { kind: 'apply' | 'deploy' }>;
  note?: ServiceCommand;
}

/** What a release would be. */
export interface ReleaseDescription {
  /** All that its blueprint does not take. */
  faults: BlueprintDescription['faults'];
  asked: Extract<Asked, { kind: 'apply' | 'deploy' }>;
  made: ResolvedRelease;
  /** What drills have found out about it; absent where there were none. */
  rollbacks?: KnownRollback[];
}

/** What the blueprint says of a release: so much of it means something else tomorrow. */
export interface ResolvedRelease {
  /** The artifact so that it means the same for ever. */
  artifact: string;
  /** Of the blueprint. */
  digest: string;
  /** Where its stack is made; absent of the default pool. */
  pool?: string;
}

/** What is asked of a rollout, and the name under which a gateway is said to have recorded that. */
export interface VerbTask {
  ref: RolloutRef;
  verb: RolloutVerb;
  command: string;
}

/** Who asked, and for how much. */
export type TakenVerb = RequestMeta &
  Pick<VerbRequest, 'full' | 'breakGlass' | 'demanded' | 'standing'> &
  Pick<Approver, 'claimed'>;

/** What somebody has sent from the Temporal UI, and the update's id. */
export interface ClaimTask {
  ref: RolloutRef;
  verb: RolloutVerb;
  claim: Claim;
  update: string;
}

export interface RefuseTask {
  workflowId: string;
  runId: string;
  /** Which one: `start-of-rollout`, `supersede-1`. */
  message: string;
  because: string;
}

/** As much of a name that anybody may have made up as is recorded. */
const SHOWN = 200;

/** What gateways were asked for, by the name under which they recorded it. */
export function commandActivities(
  catalogue: Catalogue,
  proofs: Pick<ProofLog, 'list'>,
  stacks: StackDriver,
  journal: Journal,
) {
  return {
    /** @throws ApplicationFailure `NotRecorded` where no gateway has recorded that, which is recorded itself */
    async readCommand(task: CommandTask & TimedTask & { kind: string }): Promise<CommandReading> {
      const { service, kind } = task;
      const command = await catalogue.commands.find(service, task.command);
      if (!command || isVerb(command.asked) || kindOf(command) !== kind) return refuseUnknown(journal, task, kind);
      const { asked, change } = command;
      const [before, [latest], recorded] = await Promise.all([
        catalogue.requests.find(service, change.requestId),
        catalogue.requests.latest(service, 1),
        catalogue.service(service),
      ]);
      return {
        command: command.id,
        change,
        asking: { requestId: change.requestId, fingerprint: computeFingerprint(asked) },
        ...(before ? { before: toAnswer(before) } : {}),
        ...(latest ? { latest: latest.requestId } : {}),
        ...(recorded ? { lastRollout: recorded.lastRollout } : {}),
        ...asReading(asked),
        ...tellTime(task),
      };
    },

    /**
     * Who asks something of a rollout, and why: as a gateway recorded it. From here on it is in the audit log that they did.
     *
     * @throws ApplicationFailure `NotRecorded` where no gateway has recorded that, which is recorded itself
     */
    takeVerb: (task: VerbTask): Promise<TakenVerb> => takeVerb(catalogue, journal, task),

    /** What somebody asks of a rollout from the Temporal UI. From here on it is in the audit log, with the name that is claimed. */
    takeClaim: (task: ClaimTask): Promise<TakenVerb> => takeClaim(journal, task),

    /** What a release would be, and everything wrong with it as far as its blueprint is concerned. */
    describe: (task: CommandTask): Promise<ReleaseDescription> => describeCommanded(catalogue, proofs, stacks, task),

    /** Records that a workflow was started, or told something, by nobody who may, and took no notice. */
    async refuse({ workflowId, runId, message, because }: RefuseTask): Promise<void> {
      const workflow = workflowId.slice(0, SHOWN);
      const service = serviceOfWorkflow(workflowId);
      await journal.writeRefused(
        service,
        `${workflow}/${runId}/${message}`,
        { workflow, run: runId, message },
        because,
      );
    },
  };
}

async function takeVerb(
  catalogue: Catalogue,
  journal: Journal,
  { ref, verb, command: name }: VerbTask,
): Promise<TakenVerb> {
  const { service, number } = ref;
  const command = await catalogue.commands.find(service, name);
  const asked = command?.asked;
  const isSo = asked && isVerb(asked) && asked.verb === verb && asked.rollout === number;
  if (!command || !isSo) return refuseUnknown(journal, { service, command: name }, `${verb} of rollout ${number}`);
  const { change } = command;
  const { actor, reason, requestId } = change;
  const { standing } = asked;
  const how = {
    ...(asked.full ? { full: true as const } : {}),
    ...(asked.breakGlass ? { breakGlass: true as const } : {}),
    ...(asked.demanded ? { demanded: true as const } : {}),
  };
  const who = standing ? { standing: { ...standing } } : {};
  await journal.write({ ...ref, actor }, 'rollout.asked', command.id, { verb, requestId, ...how, ...who }, reason);
  return { ...change, ...how, ...(standing ? { standing } : {}) };
}

async function takeClaim(journal: Journal, { ref, verb, claim, update }: ClaimTask): Promise<TakenVerb> {
  const actor = nameClaimant(claim);
  const requestId = update.slice(0, SHOWN);
  const { reason } = claim;
  await journal.write(
    { ...ref, actor },
    'rollout.asked',
    `temporal/${requestId}`,
    { verb, requestId, claimed: true },
    reason,
  );
  return { actor, requestId, claimed: true, ...(reason === undefined ? {} : { reason }) };
}

async function describeCommanded(
  catalogue: Catalogue,
  proofs: Pick<ProofLog, 'list'>,
  stacks: StackDriver,
  { service, command: name }: CommandTask,
): Promise<ReleaseDescription> {
  const command = await catalogue.commands.find(service, name);
  const described = command && (await resolveSpec(catalogue, command));
  if (!described) throw createPermanentFailure('NotFound', unknownService(service));
  const { spec, basis } = described;
  const request = `${formatServiceId(service)}/${command.change.requestId}`;
  const found = await describeRelease(stacks, spec, request);
  const { digest, artifact = spec.artifact, faults } = found;
  const pool = readPool(found);
  const blueprint = fixBlueprint(spec.blueprint, found);
  const release = computeReleaseDigest({ artifact, blueprint, checks: spec.checks });
  const rollbacks = await readKnownRollbacks(proofs, service, release);
  return {
    faults,
    made: { artifact, digest, ...pool },
    ...(rollbacks.length === 0 ? {} : { rollbacks }),
    asked: {
      kind: basis === undefined ? 'apply' : 'deploy',
      release,
      label: formatArtifactLabel(artifact),
      ...pool,
      spec: toSpecRef(spec),
      ...(basis === undefined ? {} : { basis }),
    },
  };
}

/** What a service is to be by a command; undefined where there is none to begin with. */
export async function resolveSpec(
  catalogue: Catalogue,
  { asked, service }: Command,
): Promise<{ spec: ServiceSpec; basis?: string } | undefined> {
  if (asked.kind === 'apply') return { spec: asked.spec };
  if (asked.kind !== 'deploy') return undefined;
  const record = await catalogue.service(service);
  if (!record || record.removedAt !== undefined) return undefined;
  return { spec: { ...record.spec, artifact: asked.artifact }, basis: toSpecRef(record.spec).digest };
}

const NOTES: readonly string[] = ['drop', 'pin', 'unpin', 'mark-bad'] satisfies ServiceCommand['kind'][];

/** That it was tried is recorded. */
async function refuseUnknown(journal: Journal, { service, command }: CommandTask, kind: string): Promise<never> {
  const because = `no gateway has recorded that ${kind} is asked for under this name`;
  await journal.writeRefused(service, `command/${command.slice(0, SHOWN)}`, { kind }, because);
  throw createPermanentFailure('NotRecorded', `${formatServiceId(service)}: ${because}`);
}

function isVerb(asked: Command['asked']): asked is VerbRequest {
  return asked.kind === 'verb';
}

function isNote(asked: Command['asked']): asked is ServiceCommand {
  return NOTES.includes(asked.kind);
}

/** One of which only the answer is wanted is nothing else: no update that carries something out takes it. */
function kindOf({ asked, change }: Pick<Command, 'asked' | 'change'>): string {
  if (change.dryRun) return 'dryRun';
  return isNote(asked) ? 'note' : asked.kind;
}

function asReading(asked: Exclude<Command['asked'], VerbRequest>): Pick<CommandReading, 'request' | 'note'> {
  if (isNote(asked)) return { note: asked };
  return { request: asked.kind === 'apply' || asked.kind === 'deploy' ? { kind: 'release' } : asked };
}

function unknownService(service: ServiceKey): string {
  return `there is no service ${formatServiceId(service)}`;
}

/** Of an id as all workflows have it. */
function serviceOfWorkflow(id: string): ServiceKey | undefined {
  const [kind = '', name = '', environment = ''] = id.split('/');
  return Object.hasOwn(workflowIds, kind) ? parseServiceId(`${name}/${environment}`) : undefined;
}
