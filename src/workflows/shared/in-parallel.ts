import { CancellationScope } from '@temporalio/workflow';

/**
 * Two things at once. Where one of them fails the other is called off, and has ended before that is told: nothing of it goes
 * on while it is undone.
 */
export async function inParallel<One, Other>(
  one: () => Promise<One>,
  other: () => Promise<Other>,
): Promise<[One, Other]> {
  const scope = new CancellationScope();
  const failures: unknown[] = [];
  const orCallOff = async <T>(body: () => Promise<T>): Promise<T> => {
    try {
      return await body();
    } catch (error) {
      if (failures.push(error) === 1) scope.cancel();
      throw error;
    }
  };
  return scope.run(async () => {
    const [first, second] = await Promise.allSettled([orCallOff(one), orCallOff(other)]);
    if (first.status === 'fulfilled' && second.status === 'fulfilled') return [first.value, second.value];
    throw failures[0];
  });
}
