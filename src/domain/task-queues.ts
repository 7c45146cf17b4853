/** Engine operations wait in a queue with few slots, so that they cannot hold up a rollback. */
export function stackTaskQueue(taskQueue: string): string {
  return `${taskQueue}-stacks`;
}
