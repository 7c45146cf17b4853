import { describeWithPrograms } from '../describe-with-programs.ts';
import { type Emulators, shareEmulators } from './aws.ts';

/** Tests against the emulators; {@link Emulators}. */
export function describeWithAws(
  title: string,
  body: (emulators: () => Emulators) => void,
  options: { ministack?: boolean } = {},
): void {
  describeWithPrograms(title, () => shareEmulators(options), body);
}
