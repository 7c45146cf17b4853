import { DataPlane } from './data-plane.ts';
import { type Emulator, startMiniStack, startMoto } from './emulators.ts';
import { AwsFront } from './front.ts';

/**
 * # AWS on one machine
 *
 * ```ts
 * describeWithAws('a thing on AWS', (emulators) => {      // skipped where there is no Python, never in CI
 *   it('works', async () => {
 *     await using aws = await startAws(emulators());       // an account of its own, empty
 *     const client = new ElasticLoadBalancingV2Client({ ...aws.client });
 *     spawn(worker, { env: { ...process.env, ...aws.env } });
 *   });
 * });
 * ```
 *
 * - `aws.env` is what a process needs: `AWS_ENDPOINT_URL` (all services; SDKs and the standard chain read it), region and
 *   keys. `aws.client` is the same for a client in this process.
 * - `aws.front` is the endpoint. It sends Lambda, ECS, CloudWatch, logs, Secrets Manager and SSM to MiniStack, everything
 *   else to moto, and does for load balancing what moto does not (`load-balancing.ts`). `aws.front.calls` lists each call;
 *   `aws.front.faults.order('ModifyRule', 'throttle', 3)` makes the next three fail;
 *   `aws.front.loadBalancing.late.lateMs = 500` shows rules as they were, for as long.
 * - `aws.plane` serves real HTTP: a load balancer's `DNSName` is an address of this machine, at its listener's port
 *   (at a free one where the port is not for everybody to take: `aws.plane.addressOf(listenerArn)`). Targets of type `ip`
 *   are addresses of this machine (127.0.0.N); `aws.plane.place(id, endpoint)` says where an instance or a function is.
 * - `Machines.start(aws, ['instances'], (artifact) => program)` runs what AWS would run: instances, tasks, functions.
 * - A second of AWS (looks at health, deregistration delays) lasts `secondMs`; 10 ms unless told.
 *
 * A group's targets are looked at once a rule refers to the group, and are `unused` before.
 */
export interface Aws extends AsyncDisposable {
  front: AwsFront;
  plane: DataPlane;
  env: Record<string, string>;
  client: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
}

/** The emulators' processes; shared by many accounts. */
export interface Emulators {
  moto: Pick<Emulator, 'url'>;
  ministack: Pick<Emulator, 'url'> | undefined;
}

export const REGION = 'us-east-1';

export interface AwsOptions {
  secondMs?: number;
  /** How long after a write new requests follow it; 20 ms unless told. */
  effectMs?: number;
}

/** Environment variable with the addresses of the emulators that test files share, as JSON, where there are any. */
export const SHARED_EMULATORS = 'SUPPLANT_TEST_AWS';

/** Both, or moto alone, which is enough for load balancing. */
export async function startEmulators({ ministack = true }: { ministack?: boolean } = {}): Promise<
  Emulators & AsyncDisposable
> {
  const [moto, other] = await Promise.all([startMoto(), ministack ? startMiniStack() : undefined]);
  const stop = async (): Promise<void> => {
    await Promise.all([moto[Symbol.asyncDispose](), other?.[Symbol.asyncDispose]()]);
  };
  return { moto, ministack: other, [Symbol.asyncDispose]: stop };
}

/** Those that all test files of a run share, or else ones of their own. */
export async function shareEmulators(options: { ministack?: boolean } = {}): Promise<Emulators & AsyncDisposable> {
  const shared = process.env[SHARED_EMULATORS];
  if (shared === undefined) return startEmulators(options);
  const { moto, ministack } = JSON.parse(shared) as { moto: string; ministack: string };
  return {
    moto: { url: moto },
    ministack: options.ministack === false ? undefined : { url: ministack },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** For the environment of tests: how {@link shareEmulators} finds them. */
export function nameEmulators({ moto, ministack }: Emulators): NodeJS.ProcessEnv {
  return { [SHARED_EMULATORS]: JSON.stringify({ moto: moto.url, ministack: ministack?.url }) };
}

/** {@link Aws} */
export async function startAws(
  { moto, ministack }: Emulators,
  { secondMs = 10, effectMs = 20 }: AwsOptions = {},
): Promise<Aws> {
  const front = await AwsFront.start({ moto: moto.url, ...(ministack ? { ministack: ministack.url } : {}), secondMs });
  const plane = await DataPlane.start(front, { effectMs, secondMs });
  const keys = { accessKeyId: front.account, secretAccessKey: 'secret' };
  return {
    front,
    plane,
    client: { endpoint: front.url, region: REGION, credentials: keys },
    env: {
      AWS_ENDPOINT_URL: front.url,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    async [Symbol.asyncDispose]() {
      await plane[Symbol.asyncDispose]();
      await front[Symbol.asyncDispose]();
    },
  };
}
