import {
  type FoundFact,
  type FoundReach,
  type LeaseFact,
  type NoteFact,
  type ReaperNote,
  type RevisionFact,
  type StackName,
  formatStackId,
} from '../../domain/reaper/facts.ts';
import type { StackFacts } from '../../domain/reaper/judge.ts';
import { reaperIds } from '../../domain/reaper/ids.ts';
import type { Lease } from '../../domain/experiment/lease.ts';
import { parseVariantStack } from '../../domain/experiment/experiment.ts';
import { workflowIds } from '../../domain/service/requests.ts';
import { formatStackName, parseStackName } from '../../domain/service/revision.ts';
import { DEFAULT_ROUTER, type ServiceKey, formatServiceId } from '../../domain/service/service.ts';
import type { Catalogue, Overview, RevisionRecord } from '../../store/catalogue/catalogue.ts';
import type { ExperimentStore } from '../../store/experiments/stores.ts';
import type { RouterLookup } from '../../routing/router.ts';
import type { StackDriver } from '../../stacks/driver.ts';
import type { WorkflowLookup } from './parts.ts';

/** What facts are gathered from. */
export interface FactSources {
  stacks: Pick<StackDriver, 'pages'>;
  catalogue: Catalogue;
  experiments: ExperimentStore;
  workflows: WorkflowLookup;
  routers: RouterLookup;
}

/** What was found so far, and why the rest was not. */
export interface Findings {
  found: StackName[];
  missing?: string;
}

/** What there is of one reach. What was found before something failed is there all the same. */
export async function findStacks({ stacks }: Pick<FactSources, 'stacks'>, reach: FoundReach): Promise<Findings> {
  const found: StackName[] = [];
  try {
    for await (const page of stacks.pages(reach)) found.push(...page.map(({ project, stack }) => ({ project, stack })));
    return { found };
  } catch (error) {
    return { found, missing: error instanceof Error ? error.message : String(error) };
  }
}

/** Looks up what is recorded of stacks, each service and workflow once. To be made anew for each look. */
export class Facts {
  readonly #sources: FactSources;
  readonly #overviews = new Map<string, Promise<Overview | undefined>>();
  readonly #workflows = new Map<string, ReturnType<WorkflowLookup['look']>>();

  constructor(sources: FactSources) {
    this.#sources = sources;
  }

  /** Of every revision that has a stack or may have one: those on record, and those that stacks are called after. */
  async revisions(stacks: readonly StackName[]): Promise<RevisionFact[]> {
    const all = await this.#sources.catalogue.overview();
    for (const each of all) this.#overviews.set(formatServiceId(each.spec.service), Promise.resolve(each));
    const standing = all.flatMap((each) => each.revisions.map((record) => factOf(each, record, 'gone')));
    const quarantined = all.flatMap(({ spec: { service }, quarantine }) =>
      quarantine.map(({ revision }) => ({
        project: service.environment,
        stack: formatStackName(service, revision),
      })),
    );
    const known = new Set(standing.map(formatStackId));
    const more = [...new Map([...stacks, ...quarantined].map((id) => [formatStackId(id), id])).values()];
    const asked = more.filter((id) => !known.has(formatStackId(id)));
    const found = await Promise.all(asked.map((id) => this.revision(id)));
    return [...standing, ...found.flatMap((fact) => fact ?? [])];
  }

  /** Of the revision that the stack is called after, where it is on record. */
  async revision({ project, stack }: StackName): Promise<RevisionFact | undefined> {
    const named = parseStackName(project, stack);
    if (!named) return undefined;
    const { service, revision } = named;
    const record = await this.#sources.catalogue.revision(service, revision);
    const overview = record && (await this.#overview(service));
    if (!record || !overview) return undefined;
    const isLeft = record.state === 'retired' || record.state === 'failed';
    return factOf(overview, record, isLeft ? await this.#workflow(workflowIds.teardown(service, revision)) : 'gone');
  }

  async leases(): Promise<LeaseFact[]> {
    const leases = await this.#sources.experiments.leases.list();
    return Promise.all(leases.map((lease) => this.#leaseFact(lease)));
  }

  async notes(notes: readonly ReaperNote[]): Promise<NoteFact[]> {
    return Promise.all(
      notes.map(async (note) => ({
        ...note,
        reaping: note.triedAt === undefined ? ('gone' as const) : await this.#workflow(reaperIds.reap(note)),
      })),
    );
  }

  /** Whether the stacks that every worker reaches were made from here, as far as the record says. */
  async marked(found: readonly StackName[], reach: FoundReach): Promise<FoundFact[]> {
    return Promise.all(
      found.map(async (id) => ({
        ...id,
        reach,
        isOurs: reach === 'machine' || (await this.#isOurs(id)),
        ...(await this.#traffic(id)),
      })),
    );
  }

  /** Everything about one stack that says whose it is. It is taken for one that is there. */
  async of({ project, stack }: StackName): Promise<StackFacts> {
    const id = { project, stack };
    const revision = await this.revision(id);
    const lease = await this.#sources.experiments.leases.find(id);
    return {
      found: { ...id, reach: 'machine', isOurs: true, ...(await this.#traffic(id)) },
      revision,
      lease: lease && (await this.#leaseFact(lease)),
    };
  }

  /** How the workflow of a run is. */
  workflow(workflowId: string): ReturnType<WorkflowLookup['look']> {
    return this.#workflow(workflowId);
  }

  async #leaseFact({ project, stack, run, variant, deadlineAt, workflowId }: Lease): Promise<LeaseFact> {
    return { project, stack, run, variant, deadlineAt, owner: await this.#workflow(workflowId) };
  }

  async #isOurs({ project, stack }: StackName): Promise<boolean> {
    const { catalogue, experiments } = this.#sources;
    const variant = parseVariantStack(project, stack);
    if (variant) return ((await experiments.experiments.find(variant.experiment))?.lastRun ?? 0) >= variant.run;
    const named = parseStackName(project, stack);
    return named !== undefined && ((await catalogue.service(named.service))?.lastRevision ?? 0) >= named.revision;
  }

  /** Whether the embedded router leads to a revision that no record speaks of. Variants have a route only to be looked at. */
  async #traffic({ project, stack }: StackName): Promise<Pick<FoundFact, 'traffic'>> {
    const named = parseVariantStack(project, stack) ? undefined : parseStackName(project, stack);
    if (!named || (await this.#sources.catalogue.revision(named.service, named.revision))) return {};
    try {
      const route = await (await this.#sources.routers.of(DEFAULT_ROUTER)).observe(named.service);
      const target = route?.targets.find(({ revision }) => revision === named.revision);
      return target && target.weight > 0 ? { traffic: 'some' } : {};
    } catch {
      return { traffic: 'unanswered' };
    }
  }

  #overview(service: ServiceKey): Promise<Overview | undefined> {
    const id = formatServiceId(service);
    const known = this.#overviews.get(id) ?? this.#sources.catalogue.overview(service).then(([found]) => found);
    this.#overviews.set(id, known);
    return known;
  }

  #workflow(workflowId: string): ReturnType<WorkflowLookup['look']> {
    const known = this.#workflows.get(workflowId) ?? this.#sources.workflows.look(workflowId);
    this.#workflows.set(workflowId, known);
    return known;
  }
}

function factOf(
  { spec: { service }, running, quarantine }: Overview,
  { number, state }: RevisionRecord,
  teardown: RevisionFact['teardown'],
): RevisionFact {
  return {
    project: service.environment,
    stack: formatStackName(service, number),
    service,
    revision: number,
    state,
    ...(running ? { openRollout: running.number } : {}),
    teardown,
    isQuarantined: quarantine.some(({ revision }) => revision === number),
  };
}
