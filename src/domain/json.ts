/** Plain JSON, as it travels through Temporal histories, the catalogue and the audit log. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}
