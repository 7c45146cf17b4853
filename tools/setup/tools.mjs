/**
 * @typedef {object} Tool
 * @property {'temporal' | 'pulumi'} name the executable, and its folder under tools/
 * @property {string} title
 * @property {string} version the only one accepted: what is tested is what runs
 * @property {string} override environment variable that names an executable to use instead, whatever its version
 * @property {string[]} versionArgs
 * @property {RegExp} versionPattern finds the version in what `versionArgs` print
 * @property {(os: string, arch: string) => Release | undefined} release undefined where no archive is published
 * @property {string} goPackage
 * @property {string} goVersionVariable what the linker sets, since a module build does not know its release
 * @property {string} goVersion
 */

/**
 * @typedef {object} Release
 * @property {string} folder path of the release's files under the release host
 * @property {string} archive
 * @property {string} checksums SHA-256 sums of the release's files, as `sha256sum` writes them
 * @property {string} member the executable's path in the archive
 */

const TEMPORAL = '1.5.1';
const PULUMI = '3.230.0';

/** @type {Record<string, string>} */
const GO_ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' };
const RELEASED_SYSTEMS = ['linux', 'darwin'];

/** @type {Tool} */
const temporal = {
  name: 'temporal',
  title: `Temporal CLI ${TEMPORAL}`,
  version: TEMPORAL,
  override: 'SUPPLANT_TEMPORAL_CLI',
  versionArgs: ['--version'],
  versionPattern: /^temporal version (\S+)/m,
  release: (os, arch) =>
    RELEASED_SYSTEMS.includes(os) && arch in GO_ARCHITECTURES
      ? {
          folder: `temporalio/cli/releases/download/v${TEMPORAL}`,
          archive: `temporal_cli_${TEMPORAL}_${os}_${GO_ARCHITECTURES[arch]}.tar.gz`,
          checksums: 'checksums.txt',
          member: 'temporal',
        }
      : undefined,
  goPackage: 'github.com/temporalio/cli/cmd/temporal',
  goVersionVariable: 'github.com/temporalio/cli/temporalcli.Version',
  goVersion: TEMPORAL,
};

/** @type {Tool} */
const pulumi = {
  name: 'pulumi',
  title: `Pulumi CLI ${PULUMI}`,
  version: PULUMI,
  override: 'SUPPLANT_PULUMI_CLI',
  versionArgs: ['version'],
  versionPattern: /^v?(\d+\.\d+\.\d+\S*)/m,
  release: (os, arch) =>
    RELEASED_SYSTEMS.includes(os) && arch in GO_ARCHITECTURES
      ? {
          folder: `pulumi/pulumi/releases/download/v${PULUMI}`,
          archive: `pulumi-v${PULUMI}-${os}-${arch}.tar.gz`,
          checksums: `pulumi-${PULUMI}-checksums.txt`,
          member: 'pulumi/pulumi',
        }
      : undefined,
  goPackage: 'github.com/pulumi/pulumi/pkg/v3/cmd/pulumi',
  goVersionVariable: 'github.com/pulumi/pulumi/sdk/v3/go/common/version.Version',
  goVersion: `v${PULUMI}`,
};

export const TOOLS = [temporal, pulumi];
