import { computeFingerprint } from '../fingerprint.ts';
import { type GateSpec, describeGate } from './gate.ts';

/**
 * What a service's workflow knows of its gates: that there are some, and whether they are others than before. What they
 * demand is recorded, and read when a rollout begins.
 */
export interface GateOutline {
  words: string;
  /** Of all that they say. */
  fingerprint: string;
}

/** Each rollout that waits carries it. */
const LONGEST_WORDS = 160;

export function outlineGates(gates: readonly GateSpec[]): GateOutline {
  const words = gates.map(describeGate).join('; ');
  const shown = words.length > LONGEST_WORDS ? `${words.slice(0, LONGEST_WORDS - 1).toWellFormed()}…` : words;
  return { words: shown, fingerprint: computeFingerprint(gates) };
}

/** In words that differ where any of the gates does. */
export function describeOutline(outline: GateOutline | undefined): string {
  return outline ? `${outline.words} (${outline.fingerprint.slice(0, 8)})` : 'none';
}
