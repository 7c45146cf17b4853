import { join } from 'node:path';
import { findNativeTool } from '../../native-tools.ts';
import { formatInstallCommand, isInstalled } from '../../stacks/pulumi/plugins.ts';
import type { DoctorCheck } from '../check.ts';

/** Plugins of Pulumi's providers, which engines find in Supplant's own home only. */
export const plugins: DoctorCheck = {
  name: 'Pulumi plugins',
  concerns: ({ blueprints, spec }) => wanted(blueprints, spec?.blueprint.name).length > 0,
  async run({ folder, blueprints, spec }) {
    const place = { home: join(folder.stacks, 'pulumi'), pulumiPath: findNativeTool('pulumi') };
    return Promise.all(
      wanted(blueprints, spec?.blueprint.name).map(async ({ plugin, blueprint }) => {
        const what = `${plugin.name} ${plugin.version}, which blueprint ${blueprint} needs,`;
        if (await isInstalled(place.home, plugin)) return { state: 'good', text: `${what} is in ${place.home}` };
        // Without a manifest nobody knows whether it will be used.
        const state = spec ? 'bad' : 'unsure';
        return { state, text: `${what} is not in ${place.home}`, todo: formatInstallCommand(plugin, place) };
      }),
    );
  },
};

function wanted(blueprints: Parameters<DoctorCheck['run']>[0]['blueprints'], only: string | undefined) {
  return blueprints
    .filter(({ name }) => only === undefined || name === only)
    .flatMap(({ name, plugins: needed = [] }) => needed.map((plugin) => ({ plugin, blueprint: name })));
}
