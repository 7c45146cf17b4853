import { logBeta, logBetaAbove } from './beta.ts';

/**
 * How many errors the expectation that there is no difference weighs as much as, before any has come. It decides which
 * differences are found soonest; with 10, errors that are twice to five times as frequent.
 */
const PRIOR_ERRORS = 10;

/** What was counted of one revision. */
export interface ErrorCounts {
  requests: number;
  errors: number;
}

/** What was counted of both since the look before. */
export interface ErrorLook {
  candidate: ErrorCounts;
  baseline: ErrorCounts;
}

/** How much speaks for a difference between two that share traffic, after some looks. Begins with {@link NO_EVIDENCE}. */
export interface ErrorEvidence {
  /** The natural logarithm of the e-value: how many times likelier what was counted is with a difference than without. */
  logE: number;
  /** Of both. */
  errors: number;
  /** Of these, the candidate's. */
  candidateErrors: number;
  /** How many of them would be the candidate's if there was no difference, by its share of the requests. */
  expectedErrors: number;
}

export const NO_EVIDENCE: ErrorEvidence = { logE: 0, errors: 0, candidateErrors: 0, expectedErrors: 0 };

/**
 * Takes in one more look. If both err alike, each error is one of the candidate's with a chance of θ₀, the share of requests
 * that the candidate really had. Against that stands a higher chance, drawn from Beta(10 θ₀, 10 (1 − θ₀)) above θ₀ and
 * following what came before this look: the Beta–Bernoulli test (M. Lindon and A. Malek, "Anytime-Valid Inference for
 * Multinomial Count Data", NeurIPS 2022), of one side. Ville's inequality bounds the chance that e is ever 1/α or more by α
 * where the candidate errs no more than the baseline, so that one may look as often as one likes, and stop at any look.
 *
 * That holds for looks of many errors, since what is drawn without putting back varies less (W. Hoeffding, JASA 58, 1963,
 * theorem 4), and for shares that change from look to look, since each look is held against its own share. What was learned
 * is kept as an odds ratio then, which does not depend on the share. With one share it is the closed form, whichever way the
 * looks fall.
 *
 * @param look in which both had requests: otherwise it says nothing, and has to be taken in together with the next
 */
export function addErrorLook(evidence: ErrorEvidence, { candidate, baseline }: ErrorLook): ErrorEvidence {
  const share = candidate.requests / (candidate.requests + baseline.requests);
  const [ours, theirs] = [candidate.errors, baseline.errors];
  const [a, b] = expect(evidence, share);
  const withDifference = logWeight(share, a + ours, b + theirs) - logWeight(share, a, b);
  const without = ours * Math.log(share) + theirs * Math.log1p(-share);
  return {
    logE: evidence.logE + withDifference - without,
    errors: evidence.errors + ours + theirs,
    candidateErrors: evidence.candidateErrors + ours,
    expectedErrors: evidence.expectedErrors + share * (ours + theirs),
  };
}

/** The logarithm of the integral of θ^(a − 1) (1 − θ)^(b − 1) above a share. */
function logWeight(share: number, a: number, b: number): number {
  return logBeta(a, b) + logBetaAbove(share, a, b);
}

/** The Beta distribution of the candidate's share of errors, as what was counted before has it at this share of requests. */
function expect(
  { errors, candidateErrors, expectedErrors }: ErrorEvidence,
  share: number,
): [candidate: number, baseline: number] {
  const before = errors === 0 ? share : expectedErrors / errors;
  const ours = PRIOR_ERRORS * before + candidateErrors;
  const theirs = PRIOR_ERRORS * (1 - before) + errors - candidateErrors;
  const odds = ((ours / theirs) * (1 - before) * share) / (before * (1 - share));
  const weight = PRIOR_ERRORS + errors;
  return [(weight * odds) / (1 + odds), weight / (1 + odds)];
}

/** What was found in the steps of a rollout before one of them. */
export interface EarlierSteps {
  /** What their evidence is worth together; 0 before the first. */
  worth: number;
  /** The step's place among those that have such a test, from 1 on. */
  step: number;
  /** How many there are. */
  of: number;
}

/** e^200 is as sure as anything, and e^-200 is nothing; beyond them numbers have an end. */
const MOST_LOG_E = 200;

/**
 * The evidence of several steps together, each of whose own is an e-value. As much is put at stake anew in each step, with what
 * came of the stakes of the steps before: the sum is the mean of the products that begin with each step. So a difference that
 * shows in all steps adds up, and one that only much traffic brings out is not drowned by the quiet before. Such a mean is
 * an e-value, too.
 */
export function combineSteps(
  { logE }: ErrorEvidence,
  { worth, step, of }: EarlierSteps,
): { logE: number; worth: number } {
  const now = (worth + 1 / of) * Math.exp(Math.min(Math.max(logE, -MOST_LOG_E), MOST_LOG_E));
  return { logE: Math.log(now + (of - step) / of), worth: Math.min(now, Math.exp(MOST_LOG_E)) };
}
