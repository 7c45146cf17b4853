/** The Pulumi package whose provider lives in a runner. */
export const PACKAGE = 'local-process';
export const RELEASE_TYPE = `${PACKAGE}:index:Release`;
export const PROCESS_TYPE = `${PACKAGE}:index:Process`;

/** An artifact, put in the revision's folder. */
export interface ReleaseArgs {
  /** The artifact, as written in the service. */
  source: string;
  /** The configured command; empty for the artifact's own. */
  configured: string[];
}
