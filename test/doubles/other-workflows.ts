import { sleep } from '@temporalio/workflow';

/** What a service's workflow may be in other code: it waits first, or fails in each of its tasks. */
export async function service({ isBroken = false }: { isBroken?: boolean }): Promise<void> {
  if (isBroken) throw new TypeError('broken on purpose');
  await sleep('1 hour');
}

/** What a teardown may be in other code. */
export async function teardown(): Promise<void> {
  await sleep('1 hour');
}
