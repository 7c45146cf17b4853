import { ApplicationFailure, CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import type { GatePhase } from '../../domain/gates/gate.ts';
import type { GateProgress } from '../../domain/gates/progress.ts';
import { type GateStatus, describeGateStatus, nameGate } from '../../domain/gates/status.ts';
import { describeUnasked } from '../../domain/gates/webhook.ts';
import type { ChangeStop } from '../../domain/gates/stop.ts';
import { asking, failureText, localFirst } from '../shared/activities.ts';
import { AlarmTimer } from '../shared/alarm-timer.ts';
import type { RolloutContext } from './context.ts';

/** The type of the failure of a gate that refuses, or has not opened in time. */
export const GATE_CLOSED = 'GateClosed';

/** What people read beside the timer. */
const FOR_LOOK = 'until a gate has to be looked at';

/**
 * Goes on once all gates before a phase, or a step of it, are open at once. A wait is a timer, and a safe point: whoever
 * pauses, aborts or takes the rollout's place is heard at once. Where nothing stands in the way it does nothing.
 *
 * @param stop what has held the step already
 */
export async function passGates(
  run: RolloutContext,
  before: GatePhase,
  step?: number,
  stop?: ChangeStop,
): Promise<void> {
  const { gates, controls } = run;
  // Whoever writes the route looks by itself.
  if ((await controls.safePoint(before)) && before === 'provision') gates.suspectStop();
  if (!gates.arrive(before, step, stop)) return;
  if (run.keepsRule('lasting-approvals')) gates.keepApprovals();
  const timer = run.keepsRule('timed-expiry') ? new AlarmTimer(FOR_LOOK) : undefined;
  if (timer) gates.judgeByTimers();
  try {
    await untilOpen(run, before, timer);
  } finally {
    timer?.stop();
    const left = gates.leave();
    // Those that it waits for no longer since it is put back, the end of the rollout tells.
    if (!controls.isCalledOff) await record(run, left);
  }
}

async function untilOpen(run: RolloutContext, before: GatePhase, timer: AlarmTimer | undefined): Promise<void> {
  const { gates, controls } = run;
  const told = new Set<string>();
  while (gates.glass === undefined) {
    const { changes } = gates;
    const verdict = gates.judge();
    switch (verdict.kind) {
      case 'pass':
        return;
      case 'look':
        for (const gate of verdict.at) gates.note(gate, await look(run, gate));
        break;
      case 'end':
        throw refuse(verdict.at, verdict.because);
      case 'wait': {
        gates.show();
        await recordWaiting(run, told);
        const isTold = (): boolean => gates.changes !== changes || controls.wantsSafePoint;
        run.progress.hold(true);
        try {
          if (timer) {
            if (!(await timer.wait(verdict.until, isTold))) gates.advance(verdict.until);
          } else {
            await condition(isTold, Math.max(1, verdict.until - Date.now()), { summary: FOR_LOOK });
          }
        } finally {
          run.progress.hold(false);
        }
        await controls.safePoint(before);
      }
    }
  }
}

/** Each look is short, and nothing is held by it. */
async function look(
  { ref, progress, gates }: RolloutContext,
  { gate }: GateProgress,
): Promise<Pick<GateProgress, 'window' | 'answer' | 'stop'>> {
  switch (gate.kind) {
    case 'approval':
      return {};
    case 'window': {
      const { timeZone, allow, deny } = gate;
      const hours = { timeZone, ...(allow ? { allow } : {}), ...(deny ? { deny } : {}) };
      const task = { hours, at: new Date().toISOString() };
      return { window: await localFirst('lookAtWindow', `is the window ${gate.name} open?`, [task]) };
    }
    case 'webhook': {
      const { name, before, step, url, secret } = gate;
      const { preview } = progress.status;
      const at = { ...(typeof step === 'number' ? { step } : {}), ...(preview === undefined ? {} : { preview }) };
      const place = { name, before, ...at, url, secret };
      const task = { ref, gate: place, at: new Date().toISOString() };
      try {
        const answer = await asking().askGate.executeWithOptions({ summary: `ask the gate ${name}` }, [task]);
        gates.advance();
        return { answer };
      } catch (error) {
        if (isCancellation(error)) throw error;
        gates.advance();
        return { answer: describeUnasked(failureText(error)) };
      }
    }
    case 'change-stop': {
      const stop = await localFirst('lookUpStop', 'are changes stopped?', [ref.service]);
      return stop ? { stop } : {};
    }
  }
}

/** That a gate is waited for, once. */
async function recordWaiting(run: RolloutContext, told: Set<string>): Promise<void> {
  const news = run.gates.statusesHere.filter(({ name, state }) => state === 'waiting' && !told.has(name));
  for (const { name } of news) told.add(name);
  await record(run, news);
}

async function record({ ref }: RolloutContext, gates: GateStatus[]): Promise<void> {
  if (gates.length === 0) return;
  const summary = gates.map(describeGateStatus).join('; ').slice(0, 190);
  await CancellationScope.nonCancellable(() => localFirst('recordGates', summary, [{ ref, gates }]));
}

function refuse(progress: GateProgress, because: string): ApplicationFailure {
  const { gate } = progress;
  const how = gate.kind === 'webhook' && progress.answer?.state === 'refused' ? 'refuses' : 'did not open in time';
  const message = `gate ${nameGate(gate)} ${how}: ${because}`;
  return ApplicationFailure.create({ type: GATE_CLOSED, message, nonRetryable: true });
}
