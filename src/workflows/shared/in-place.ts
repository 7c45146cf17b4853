import { ActivityCancellationType, isCancellation } from '@temporalio/workflow';

/** How a step of a few milliseconds is tried in place: once, so that it becomes an activity where that does not work. */
export const IN_PLACE = {
  startToCloseTimeout: '5s',
  retry: { maximumAttempts: 1 },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
} as const;

/** Tried in place, which keeps the history short; where that takes too long or fails, as an activity that people can see. */
export async function preferInPlace<T>(inPlace: () => Promise<T>, asActivity: () => Promise<T>): Promise<T> {
  try {
    return await inPlace();
  } catch (error) {
    if (isCancellation(error)) throw error;
    return asActivity();
  }
}
