import { setTimeout as sleep } from 'node:timers/promises';
import type { StackId } from '../../src/stacks/blueprint.ts';
import type { AwsClients } from './clients.ts';

/** Something that is there in AWS, whatever the state says. */
export interface FoundResource {
  /** What Pulumi imports it by. */
  importId: string;
  /** What AWS removes it by. */
  id: string;
  /** Its name in the program, where a stack has several of the kind. */
  name?: string;
  /** For people: `target group web-production-3f9a1c-r17`. */
  label: string;
}

/** One kind of resource that blueprints make, as it is found and removed without Pulumi. */
export interface CloudKind {
  /** Its type in Pulumi. */
  type: string;
  /** Whether a stack has several of it, which are told apart by name. */
  several?: boolean;
  /** What a stack has of it, by its name. */
  find(stack: StackId, clients: AwsClients): Promise<FoundResource[]>;
  /**
   * What all stacks have of it, by its tags. Left out where what it is a part of tells of the stack, and of an environment,
   * which is no revision's.
   */
  list?(clients: AwsClients): Promise<(FoundResource & { stack: StackId })[]>;
  /** Succeeds where it is gone already. */
  remove(found: FoundResource, clients: AwsClients): Promise<void>;
}

/** Does it, or returns undefined where AWS says that there is none: one of these error names. */
export async function unlessGone<T>(doing: Promise<T>, ...names: string[]): Promise<T | undefined> {
  try {
    return await doing;
  } catch (error) {
    if (names.includes((error as Error).name)) return undefined;
    throw error;
  }
}

/** All pages of a list. `ask` gets the mark of the page to give, undefined for the first. */
export async function readPages<T>(
  ask: (next?: string) => Promise<{ items: T[]; next?: string | undefined }>,
): Promise<T[]> {
  const all: T[] = [];
  let next: string | undefined;
  do {
    const page = await ask(next);
    all.push(...page.items);
    next = page.next;
  } while (next !== undefined && next !== '');
  return all;
}

/** A mapping, from AWS's list of pairs. */
export function fromTagList(
  tags: readonly { Key?: string | undefined; Value?: string | undefined }[] = [],
): Record<string, string> {
  return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
}

/** The same from ECS, which writes it in small letters. */
export function fromEcsTagList(
  tags: readonly { key?: string | undefined; value?: string | undefined }[] = [],
): Record<string, string> {
  return fromTagList(tags.map(({ key: Key, value: Value }) => ({ Key, Value })));
}

/** What AWS takes at once, in the order that it is in. */
export function splitIntoChunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

/** AWS takes a while to remove some things: asks until it is so, ever more seldom, for at most a quarter of an hour. */
export async function awaitRemoval(isGone: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 900_000;
  for (let pause = 50; !(await isGone()) && performance.now() < end; pause = Math.min(pause * 2, 5_000))
    await sleep(pause);
}

/** Whether a name is of the form that Supplant gives, so that it is worth asking for its tags. */
export function isNameOfStack(name: string): boolean {
  return /-[0-9a-f]{6}-r\d+$/.test(name);
}
