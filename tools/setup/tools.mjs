/**
 * @typedef {object} Tool
 * @property {'temporal' | 'pulumi'} name the executable, and its folder under tools/
 * @property {string} title
 * @property {string} version the pinned one: what is downloaded or built, and the oldest one accepted
 * @property {string} below the first version refused: a new major one may change flags and formats
 * @property {string} override environment variable that names an executable to use instead, whatever its version
 * @property {string[]} versionArgs
 * @property {RegExp} versionPattern finds the version in what `versionArgs` print
 * @property {string} installation where its makers explain how to install it
 * @property {(os: string, arch: string) => Release | undefined} release undefined where no archive is published
 * @property {string} goPackage
 * @property {string} goVersionFlag for the linker, since a module build does not know its release
 */

/**
 * @typedef {object} Release
 * @property {string} folder path of the release's files under the release host
 * @property {string} archive
 * @property {string} member the executable's path in the archive
 * @property {string | undefined} sha256 of the archive; undefined leaves it to `checksums`
 * @property {string} checksums file of the release with the SHA-256 sums of the others, as `sha256sum` writes them
 */

const TEMPORAL = '1.5.1';
const PULUMI = '3.230.0';

const SYSTEMS = ['linux', 'darwin'];
/** @type {Record<string, string>} */
const GO_ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' };

/** @type {Record<string, string>} */
const TEMPORAL_SHA256 = {
  'linux amd64': 'ddc95e08b0b076efd4ea9733a3f488eb7d2be875f8834e616cd2a37358b4852d',
  'linux arm64': 'bd1b0db9f18b051026de8bf6cc1505f2510f14bbb7a8b9a4a91fff46c77454f5',
  'darwin amd64': 'bbb73e2a31135abe50a1f1cdb35030c42961df618e8ce9c60ae89f201540c5d9',
  'darwin arm64': 'cca01b7ea35ad56e2a328d9ae596bf716bd22313ef63c7a761c88354457c2415',
};

/** @param {string} os @param {string} arch */
const isReleasedFor = (os, arch) => SYSTEMS.includes(os) && arch in GO_ARCHITECTURES;

/** @type {Tool} */
const temporal = {
  name: 'temporal',
  title: `Temporal CLI ${TEMPORAL}`,
  version: TEMPORAL,
  below: '2.0.0',
  override: 'SUPPLANT_TEMPORAL',
  versionArgs: ['--version'],
  versionPattern: /^temporal version (\S+)/m,
  installation: 'https://docs.temporal.io/cli',
  release: (os, arch) =>
    isReleasedFor(os, arch)
      ? {
          folder: `temporalio/cli/releases/download/v${TEMPORAL}`,
          archive: `temporal_cli_${TEMPORAL}_${os}_${GO_ARCHITECTURES[arch]}.tar.gz`,
          member: 'temporal',
          sha256: TEMPORAL_SHA256[`${os} ${GO_ARCHITECTURES[arch]}`],
          checksums: 'checksums.txt',
        }
      : undefined,
  goPackage: 'github.com/temporalio/cli/cmd/temporal',
  goVersionFlag: `-X github.com/temporalio/cli/temporalcli.Version=${TEMPORAL}`,
};

/** @type {Tool} */
const pulumi = {
  name: 'pulumi',
  title: `Pulumi CLI ${PULUMI}`,
  version: PULUMI,
  below: '4.0.0',
  override: 'SUPPLANT_PULUMI',
  versionArgs: ['version'],
  versionPattern: /^v?(\d+\.\d+\.\d+\S*)/m,
  installation: 'https://www.pulumi.com/docs/install/',
  release: (os, arch) =>
    isReleasedFor(os, arch)
      ? {
          folder: `pulumi/pulumi/releases/download/v${PULUMI}`,
          archive: `pulumi-v${PULUMI}-${os}-${arch}.tar.gz`,
          member: 'pulumi/pulumi',
          sha256: undefined,
          checksums: `pulumi-${PULUMI}-checksums.txt`,
        }
      : undefined,
  goPackage: 'github.com/pulumi/pulumi/pkg/v3/cmd/pulumi',
  goVersionFlag: `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${PULUMI}`,
};

export const TOOLS = [temporal, pulumi];
