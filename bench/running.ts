/** What a bench has started and would leave behind when it is interrupted. */
const running = new Set<AsyncDisposable>();

export function noteRunning(thing: AsyncDisposable): void {
  running.add(thing);
}

export function noteEnded(thing: AsyncDisposable): void {
  running.delete(thing);
}

export async function endAll(): Promise<void> {
  await Promise.allSettled([...running].map((thing) => thing[Symbol.asyncDispose]()));
}
