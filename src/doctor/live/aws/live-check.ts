import type { LiveFinding } from '../finding.ts';
import type { LiveStage } from './stage.ts';

/**
 * A fact of AWS that Supplant relies on, tried with real things. It makes them by the stage alone, which notes them to be
 * removed, and ends soon after the stage's signal is aborted. What it throws is told as a finding, too.
 */
export interface LiveCheck {
  /** As people read it: `weights`. */
  name: string;
  run(stage: LiveStage): Promise<LiveFinding[]>;
}
