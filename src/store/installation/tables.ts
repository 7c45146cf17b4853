/** The one row that tells this record from any other. */
export interface InstallationTables {
  installation: { only: number; id: string };
}
