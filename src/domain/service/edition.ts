/**
 * The newest edition of the order in which a service's workflow takes what comes in. A run learns its edition when it recalls its service, or from
 * the run before it, and keeps it to its end: newer workers replay what older ones have begun.
 *
 * - 0 (also where none is known): whatever waits for a step in place goes on before what follows from the step.
 * - 1: what follows from a step in place comes first.
 */
export const SERVICE_EDITION = 1;
