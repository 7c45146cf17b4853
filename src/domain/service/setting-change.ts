/** A setting that is no part of a revision, and what its change does. */
export interface SettingChange {
  /** As a manifest names it: `retention.warm`. */
  setting: string;
  from: string;
  to: string;
  /** `r3 is retired`. */
  effect: string;
}
