import type { DoctorCheck, Finding, Patient } from './check.ts';
import { CHECKS } from './checks.ts';

/** What was found of one subject. */
export interface Examined {
  name: string;
  findings: Finding[];
}

/** Looks into everything that concerns what is to be deployed, side by side, and tells it in the order of the list. */
export async function examine(patient: Patient, checks: readonly DoctorCheck[] = CHECKS): Promise<Examined[]> {
  const due = checks.filter((check) => check.concerns?.(patient) ?? true);
  return Promise.all(due.map(async (check) => ({ name: check.name, findings: await findingsOf(check, patient) })));
}

async function findingsOf(check: DoctorCheck, patient: Patient): Promise<Finding[]> {
  try {
    return await check.run(patient);
  } catch (error) {
    return [{ state: 'bad', text: `cannot be looked into: ${error instanceof Error ? error.message : String(error)}` }];
  }
}
