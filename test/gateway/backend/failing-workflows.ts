/** A service whose workflow fails in each of its tasks, as it would for a fault in our code. */
export async function service(): Promise<void> {
  await Promise.reject(new TypeError('a fault in the code'));
}
