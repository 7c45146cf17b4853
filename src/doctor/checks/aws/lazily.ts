import { readMissingPackage } from '../../../host/missing-package.ts';
import type { DoctorCheck } from '../../check.ts';
import { concernsAws } from './concerns.ts';

/** A check whose clients of AWS are loaded where something is on AWS only; elsewhere they need not even be installed. */
export function lazily(name: string, load: () => Promise<Pick<DoctorCheck, 'run'>>): DoctorCheck {
  return {
    name,
    concerns: concernsAws,
    async run(patient) {
      try {
        return await (await load()).run(patient);
      } catch (error) {
        const missing = readMissingPackage(error);
        if (missing === undefined) throw error;
        return [{ state: 'bad', text: `the package ${missing} is not installed`, todo: `npm install ${missing}` }];
      }
    },
  };
}
