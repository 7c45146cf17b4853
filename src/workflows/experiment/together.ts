import { CancellationScope } from '@temporalio/workflow';

/**
 * Carries out what is done with each variant, all at once. Where one fails, the others are called off, and have come to
 * their ends when the first failure is passed on: nothing goes on that what follows could meet.
 */
export async function allTogether<T, R>(items: readonly T[], body: (item: T) => Promise<R>): Promise<R[]> {
  const scope = new CancellationScope();
  const failures: unknown[] = [];
  return scope.run(async () => {
    const ended = await Promise.allSettled(
      items.map(async (item) => {
        try {
          return await body(item);
        } catch (error) {
          failures.push(error);
          scope.cancel();
          throw error;
        }
      }),
    );
    if (failures.length > 0) throw failures[0];
    return ended.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  });
}
