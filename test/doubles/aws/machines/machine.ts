import type { Aws } from '../aws.ts';

/** Something that is to run: an instance, a task or a function. */
export interface Machine {
  /** An instance's id, a name of our own for a task, or a function's ARN. */
  id: string;
  /** What it is made from: a machine image's id, or a container image. */
  artifact: string;
  /** Where it listens; any port where nobody asked for one. */
  port: number;
  /** The group that it is to be registered in, where AWS does so once it runs. */
  group?: string;
}

/** What of one kind is to run now. */
export type ListMachines = (aws: Aws) => Promise<Machine[]>;
