import type { CheckSpec } from '../../evidence/checks.ts';
import type { JsonObject } from '../../json.ts';
import type { ServiceKey } from '../../service/service.ts';

/**
 * Tries a rollback before anybody needs it: a release r(n), then the one before it on what r(n) has left, then r(n) once
 * more. r(n) is what is live, or a candidate that is not deployed yet.
 */
export interface DrillSpec {
  service: ServiceKey;
  /** The release to go back from, where it is not deployed yet; the live revision unless told. */
  release?: CandidateSpec;
  /**
   * What is different of both releases, for the drill alone: a JSON merge patch (RFC 7396) of `{blueprint: {config}}`, such
   * as the address of data that a drill may write to.
   */
  patch?: JsonObject;
  /** What each stack has to prove; unless told, what its release has to. */
  checks?: CheckSpec[];
}

/** A release that is not deployed yet, by what is different from how the service is described. */
export interface CandidateSpec {
  artifact?: string;
  /** A JSON merge patch (RFC 7396) of `{artifact, blueprint: {config}}`. */
  patch?: JsonObject;
  /** What it will have to prove; as the service is described unless told. A part of the release, whatever the drill checks. */
  checks?: CheckSpec[];
}

/** The stacks of a drill, in their order. */
export const DRILL_VARIANTS = ['first', 'back', 'again'] as const;

/** How many of them there are at the same time: as in a rollback, one stays until the next has proved itself. */
export const DRILL_STACKS = 2;

/** How many stacks a run has at the same time, at most. */
export function countStacks({ variants, drill }: { variants: readonly unknown[]; drill?: unknown }): number {
  return drill === undefined ? variants.length : DRILL_STACKS;
}
