import type { DataFolder } from '../data-folder.ts';
import type { ServiceSpec } from '../domain/service/service.ts';
import type { Blueprint } from '../stacks/blueprint.ts';

/** One thing that was looked at. `bad` keeps something from working; `unsure` may. */
export interface Finding {
  state: 'good' | 'unsure' | 'bad';
  /** What was found, in a sentence without a full stop. */
  text: string;
  /** What to do about it: a command to type where there is one. */
  todo?: string;
}

/** What a first deployment needs, as far as it is known. */
export interface Patient {
  folder: DataFolder;
  env: Readonly<Record<string, string | undefined>>;
  /** Those of this installation, and those that were named. */
  blueprints: readonly Blueprint[];
  /** What is to be deployed, where a manifest was named. */
  spec?: ServiceSpec;
}

/** One subject, looked into without changing anything. What it throws is told as a finding, too. */
export interface DoctorCheck {
  /** As people read it: `the Pulumi CLI`. */
  name: string;
  /** Whether the subject matters to what is to be deployed; it does unless told. */
  concerns?(patient: Patient): boolean;
  run(patient: Patient): Promise<Finding[]>;
}
