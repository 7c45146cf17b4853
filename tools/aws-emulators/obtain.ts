import { obtainPython } from '../python/environment.ts';

/**
 * A Python with moto and MiniStack in it, for `python -m moto.server` and `python -m ministack`.
 * @returns the interpreter's path
 * @throws PythonMissingError with what to install
 */
export function obtainAwsEmulators(): Promise<string> {
  const requirements = new URL('requirements.txt', import.meta.url);
  return obtainPython({ name: 'aws-emulators', title: 'the AWS emulators', requirements });
}
