import type { TeardownInput } from '../../domain/service/requests.ts';
import { type Decision, decideReaping } from '../../domain/reaper/decide.ts';
import {
  type ReapTarget,
  type ReaperNote,
  type StackPlace,
  type World,
  formatStackId,
  isSameStack,
} from '../../domain/reaper/facts.ts';
import { readPool } from '../../domain/pools/pool.ts';
import { parseStackName } from '../../domain/service/revision.ts';
import type { Finding, ReaperReport } from '../../domain/reaper/finding.ts';
import type { AuditStore } from '../../store/audit/store.ts';
import type { Look, ReaperRequest } from '../../store/reaper/log.ts';
import { RunJournal } from '../experiment/run-journal.ts';
import { Facts, type FactSources, findStacks } from './facts.ts';
import { settleLostRuns } from './lost-runs.ts';
import { type HostAnswer, type MachineParts, gatherMachines } from './machines.ts';
import type { ReaperParts } from './parts.ts';
import { ReaperJournal } from './reaper-journal.ts';
import { buildTeardown } from './teardowns.ts';

/** What a look has to do. */
export interface Survey {
  reap: ReapTarget[];
  teardowns: TeardownInput[];
  /** For people. */
  summary: string;
}

export type SurveyParts = Omit<FactSources, 'workflows'> & MachineParts & { audit: AuditStore; reaper: ReaperParts };

/** Not at every look. */
const NOT_ASKED = 'at this look it was not looked for';

/** Requests are known by their ids for so long, in milliseconds. */
const KEEP_REQUESTS_MS = 7 * 86_400_000;

/**
 * Looks at everything once: decides, remembers and reports. What is to be done is returned, and noted as tried.
 *
 * @param answers of all other hosts
 */
export async function survey(
  parts: SurveyParts,
  answers: readonly HostAnswer[] = [],
  now = new Date(),
): Promise<Survey> {
  const { log, settings, workflows } = parts.reaper;
  const waiting = await log.waiting();
  const last = await log.look();
  const facts = new Facts({ ...parts, workflows });
  const { world, sharedAt } = await gather(parts, facts, { last, waiting, answers, now });
  const policy = { ...settings.policy, skipGrace: waiting.some(({ skipGrace }) => skipGrace) };
  const decisions = decideReaping(world, now, policy);
  const journal = new ReaperJournal(parts.audit);
  await remember(parts, journal, world.notes, decisions);
  await settleLostRuns({ ...parts, facts, journal: new RunJournal(parts.audit) });
  const report = buildReport(decisions, world, now, settings.everyMs);
  await log.saveLook({ ...report, ...(sharedAt === undefined ? {} : { sharedAt }) });
  for (const { requestId } of waiting) await log.takeUp(requestId, now.toISOString());
  await log.prune(new Date(now.getTime() - KEEP_REQUESTS_MS).toISOString());
  return toSurvey(parts, decisions, report);
}

interface GatherOptions {
  last: Look | undefined;
  waiting: readonly ReaperRequest[];
  answers: readonly HostAnswer[];
  now: Date;
}

async function gather(
  parts: SurveyParts,
  facts: Facts,
  { last, waiting, answers, now }: GatherOptions,
): Promise<{ world: World; sharedAt?: string }> {
  const { log, settings } = parts.reaper;
  // Before the record: whoever makes a stack is on record before.
  const machine = await gatherMachines(parts, answers);
  const sharedAge = now.getTime() - Date.parse(last?.sharedAt ?? '');
  const isSharedDue = waiting.length > 0 || !(sharedAge >= 0 && sharedAge < settings.sharedEveryMs);
  const shared = isSharedDue ? await findStacks(parts, 'shared') : { found: [], missing: NOT_ASKED };
  const here = new Set(machine.found.map(formatStackId));
  const elsewhere = shared.found.filter((id) => !here.has(formatStackId(id)));
  const notes = await log.notes();
  const isBlank = (await parts.audit.list({ limit: 1 })).length === 0;
  const sharedAt = isSharedDue && shared.missing === undefined ? now.toISOString() : last?.sharedAt;
  return {
    world: {
      revisions: await facts.revisions([...machine.found, ...elsewhere, ...notes]),
      leases: await facts.leases(),
      found: [...(await facts.marked(machine.found, 'machine')), ...(await facts.marked(elsewhere, 'shared'))],
      notes: await facts.notes(notes),
      missing: {
        // Somebody may have named another store: all that stands here would be nobody's.
        ...(isBlank ? { record: 'nothing at all is on record; is it the store that the stacks belong to?' } : {}),
        ...(machine.missing === undefined ? {} : { machine: machine.missing }),
        hosts: machine.hosts,
        ...(shared.missing === undefined ? {} : { shared: shared.missing }),
      },
    },
    ...(sharedAt === undefined ? {} : { sharedAt }),
  };
}

/** First the record, then what the next look goes by. */
async function remember(
  { reaper: { log } }: SurveyParts,
  journal: ReaperJournal,
  before: readonly ReaperNote[],
  decisions: readonly Decision[],
): Promise<void> {
  for (const { note, because, verdict } of decisions) {
    if (!note) continue;
    const known = before.find((each) => isSameStack(each, note));
    if (verdict !== 'owned' && known?.foundAt !== note.foundAt) await journal.condemned(note, because);
    if (note.givenUpAt !== undefined && known?.givenUpAt === undefined) await journal.gaveUp(note);
    if (JSON.stringify(note) !== JSON.stringify(known)) await log.saveNote(note);
  }
  const kept = decisions.flatMap(({ note }) => note ?? []);
  for (const note of before) {
    if (!kept.some((each) => isSameStack(each, note))) await log.forgetNote(note);
  }
}

function buildReport(
  decisions: readonly Decision[],
  { missing, found }: World,
  now: Date,
  everyMs: number,
): ReaperReport {
  const findings = decisions.map(({ act: _act, note: _note, ...finding }): Finding => finding);
  const troubles = [
    ...(missing.record !== undefined && found.length > 0 ? [missing.record] : []),
    ...(missing.machine === undefined ? [] : [`what is on this machine cannot be listed: ${missing.machine}`]),
    ...Object.entries(missing.hosts ?? {}).map(
      ([host, because]) => `what is on host ${host} cannot be listed: ${because}`,
    ),
    ...(missing.shared === undefined || missing.shared === NOT_ASKED
      ? []
      : [`what every worker reaches cannot be listed: ${missing.shared}`]),
  ];
  return {
    findings,
    owned: findings.filter(({ verdict }) => verdict === 'owned').length,
    lookedAt: now.toISOString(),
    nextLookAt: new Date(now.getTime() + everyMs).toISOString(),
    ...(troubles.length === 0 ? {} : { trouble: troubles.join('; ') }),
  };
}

/** Who has made it, as far as a lease or a revision says so. */
async function findPool(
  { catalogue, experiments }: Pick<SurveyParts, 'catalogue' | 'experiments'>,
  id: StackPlace,
): Promise<ReapTarget> {
  const lease = await experiments.leases.find(id);
  const named = lease ? undefined : parseStackName(id.project, id.stack);
  const made = lease ?? (named && (await catalogue.revision(named.service, named.revision)));
  return { ...id, ...(made ? readPool(made.blueprint) : {}) };
}

async function toSurvey(parts: SurveyParts, decisions: readonly Decision[], report: ReaperReport): Promise<Survey> {
  const due = decisions.filter(({ act }) => act !== undefined);
  const names = (act: Decision['act']): StackPlace[] =>
    due
      .filter((each) => each.act === act)
      .map(({ project, stack, note }) => ({
        project,
        stack,
        ...(note?.host === undefined ? {} : { host: note.host }),
      }));
  const teardowns = await Promise.all(
    names('teardown').map((id) => buildTeardown(id, parts.catalogue, parts.reaper.settings.policy)),
  );
  const without = report.findings.length - report.owned;
  const trouble = report.trouble === undefined ? '' : `; ${report.trouble}`;
  return {
    reap: await Promise.all(names('reap').map((id) => findPool(parts, id))),
    teardowns: teardowns.flatMap((input) => input ?? []),
    summary: `${report.owned} with an owner, ${without} without, ${due.length} to be destroyed now${trouble}`,
  };
}
