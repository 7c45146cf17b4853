import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { quoteShellWord } from '../../host/shell-word.ts';
import type { Blueprint, PluginRef } from '../blueprint.ts';

/** Where plugins are looked for, and by which CLI they are put there. */
export interface PluginPlace {
  /** Supplant's own `PULUMI_HOME`: what the user's own Pulumi has installed is not seen. */
  home: string;
  pulumiPath: string;
}

/** Those that an engine of this machine would not find: it downloads none, and takes no other version. */
export async function findMissingPlugins(
  home: string,
  { plugins = [] }: Pick<Blueprint, 'plugins'>,
): Promise<PluginRef[]> {
  const isThere = await Promise.all(plugins.map(async (plugin) => isInstalled(home, plugin)));
  return plugins.filter((_plugin, index) => isThere[index] === false);
}

/** As the engine sees it: unpacked in whole, and executable. */
export async function isInstalled(home: string, { name, version }: PluginRef): Promise<boolean> {
  const folder = join(home, 'plugins', `resource-${name}-v${version}`);
  const isPartial = await canAccess(`${folder}.partial`, constants.F_OK);
  return !isPartial && canAccess(join(folder, `pulumi-resource-${name}`), constants.X_OK);
}

async function canAccess(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}

/** What is missing, and the command that installs it. */
export function describeMissingPlugin(plugin: PluginRef, place: PluginPlace): string {
  const { name, version } = plugin;
  return `the Pulumi plugin ${name} ${version} is not installed in ${place.home}; run: ${formatInstallCommand(plugin, place)}`;
}

export function formatInstallCommand({ name, version }: PluginRef, { home, pulumiPath }: PluginPlace): string {
  return `PULUMI_HOME=${quoteShellWord(home)} ${quoteShellWord(pulumiPath)} plugin install resource ${name} v${version}`;
}

/** The plugin that an engine says it has not found; undefined where it says something else. */
export function readMissingPlugin(message: string): PluginRef | undefined {
  const found = /no resource plugin 'pulumi-resource-([\w-]+)' found in the workspace at version v([\w.+-]+)/.exec(
    message,
  );
  return found?.[1] === undefined || found[2] === undefined ? undefined : { name: found[1], version: found[2] };
}
