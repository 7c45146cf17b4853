import { isGrpcServiceError } from '@temporalio/client';
import proto from '@temporalio/proto';
import { waitUntil } from '../host/polling.ts';
import type { WorkerVersion } from './deployment.ts';

const { WorkerDeploymentVersionStatus: Status } = proto.temporal.api.enums.v1;
type WorkflowService = proto.temporal.api.workflowservice.v1.WorkflowService;

/** What a version is to the deployment: `drained` when no workflow belongs to it any more. */
export type VersionState = 'waiting' | 'current' | 'ramping' | 'draining' | 'drained';

/** A version, and what still belongs to it. */
export interface VersionInfo {
  build: string;
  state: VersionState;
  /** Workflows that run on it, as far as the server has them in its index. */
  running: number;
}

/** The codes of gRPC for what the server has not heard of yet. */
const NOT_FOUND = 5;
const FAILED_PRECONDITION = 9;

/** As the server (1.29) says that nobody would take from queues that are in use. */
const MISSING_QUEUES = 'missing active task queues';

/** A worker is known to the server once it has asked for work a first time; in milliseconds. */
const KNOWN_WITHIN_MS = 30_000;

/** The versions of one deployment, as the server has them. */
export class WorkerVersions {
  readonly #service: WorkflowService;
  readonly #namespace: string;
  readonly #deployment: string;

  constructor(service: WorkflowService, namespace: string, deployment: string) {
    this.#service = service;
    this.#namespace = namespace;
    this.#deployment = deployment;
  }

  /** Latest first; none where no worker of the deployment has ever run. */
  async list(): Promise<VersionInfo[]> {
    const { workerDeploymentInfo } = (await this.#describe()) ?? {};
    return Promise.all(
      (workerDeploymentInfo?.versionSummaries ?? []).map(async ({ deploymentVersion, status }) => {
        const build = deploymentVersion?.buildId ?? '';
        return { build, state: stateOf(status), running: await this.#running(build) };
      }),
    );
  }

  /**
   * New rollouts begin on this version from now on, and what is not pinned moves there. The one that was current drains.
   * @throws Error when no worker of that version takes work, or none does for a pool or a host that the current one has
   */
  async promote(build: string): Promise<void> {
    const { conflictToken } = (await this.#describe()) ?? {};
    try {
      await this.#promote(build, conflictToken);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.includes(MISSING_QUEUES)) throw error;
      throw new Error(
        `version ${build} has no worker yet for a pool or a host that the current version has workers for: start one of it beside each ` +
          'worker that runs, with the same data folder and --pool, and promote it then',
        { cause: error },
      );
    }
  }

  /**
   * Makes a deployment's first version current, since nobody would take any work before; leaves others to
   * {@link WorkerVersions.promote}. Says whether it did.
   */
  async promoteIfFirst({ build }: Pick<WorkerVersion, 'build'>): Promise<boolean> {
    let promoted = false;
    const isSettled = await waitUntil(KNOWN_WITHIN_MS, async () => {
      const described = await this.#describe();
      const info = described?.workerDeploymentInfo;
      if (info?.routingConfig?.currentDeploymentVersion) return true;
      if (!info?.versionSummaries?.some(({ deploymentVersion }) => deploymentVersion?.buildId === build)) return false;
      promoted = await this.#promote(build, described?.conflictToken).then(
        () => true,
        (error: unknown) => {
          if (codeOf(error) === FAILED_PRECONDITION) return false;
          throw error;
        },
      );
      return promoted;
    });
    if (isSettled) return promoted;
    throw new Error(`Temporal does not know of version ${build} of ${this.#deployment} after ${KNOWN_WITHIN_MS} ms`);
  }

  async #promote(build: string, conflictToken: Uint8Array | null | undefined): Promise<void> {
    await this.#service.setWorkerDeploymentCurrentVersion({
      namespace: this.#namespace,
      deploymentName: this.#deployment,
      buildId: build,
      // Fails when somebody else promoted another one in the meantime.
      ...(conflictToken ? { conflictToken } : {}),
    });
  }

  async #describe() {
    try {
      return await this.#service.describeWorkerDeployment({
        namespace: this.#namespace,
        deploymentName: this.#deployment,
      });
    } catch (error) {
      if (codeOf(error) === NOT_FOUND) return undefined;
      throw error;
    }
  }

  async #running(build: string): Promise<number> {
    const version = `TemporalWorkerDeploymentVersion = '${this.#deployment}:${build}'`;
    const { count } = await this.#service.countWorkflowExecutions({
      namespace: this.#namespace,
      query: `ExecutionStatus = 'Running' AND ${version}`,
    });
    return Number(count);
  }
}

function stateOf(status: proto.temporal.api.enums.v1.WorkerDeploymentVersionStatus | null | undefined): VersionState {
  switch (status) {
    case Status.WORKER_DEPLOYMENT_VERSION_STATUS_CURRENT:
      return 'current';
    case Status.WORKER_DEPLOYMENT_VERSION_STATUS_RAMPING:
      return 'ramping';
    case Status.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINING:
      return 'draining';
    case Status.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINED:
      return 'drained';
    default:
      return 'waiting';
  }
}

function codeOf(error: unknown): number | undefined {
  return isGrpcServiceError(error) ? error.code : undefined;
}
