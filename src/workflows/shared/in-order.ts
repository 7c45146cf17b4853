import type {
  ActivateInput,
  ActivityInput,
  Next,
  SignalInput,
  SignalWorkflowInput,
  StartChildWorkflowExecutionInput,
  TimerInput,
  UpdateInput,
  WorkflowInboundCallsInterceptor,
  WorkflowInterceptors,
  WorkflowInternalsInterceptor,
  WorkflowOutboundCallsInterceptor,
} from '@temporalio/workflow';
import { inPlaceLock } from './in-place-lock.ts';

type Inbound = WorkflowInboundCallsInterceptor;
type Outbound = WorkflowOutboundCallsInterceptor;

/*
 * Where somebody looks at a workflow while a step in place is made, Temporal's core tells it of what has come meanwhile before it tells of the step's end,
 * and a replay is told of the step's end first. So all that comes takes its turn, once a workflow keeps the order.
 */

class ComingInOrder implements Inbound {
  async handleSignal(input: SignalInput, next: Next<Inbound, 'handleSignal'>): Promise<void> {
    if (inPlaceLock().isOrderKept) await inPlaceLock().turn('sent');
    return next(input);
  }

  async handleUpdate(input: UpdateInput, next: Next<Inbound, 'handleUpdate'>): Promise<unknown> {
    if (inPlaceLock().isOrderKept) await inPlaceLock().turn('sent');
    return next(input);
  }
}

class ResultsInOrder implements Outbound {
  scheduleActivity(input: ActivityInput, next: Next<Outbound, 'scheduleActivity'>): Promise<unknown> {
    return inOrder(next(input));
  }

  startTimer(input: TimerInput, next: Next<Outbound, 'startTimer'>): Promise<void> {
    return inOrder(next(input));
  }

  signalWorkflow(input: SignalWorkflowInput, next: Next<Outbound, 'signalWorkflow'>): Promise<void> {
    return inOrder(next(input));
  }

  startChildWorkflowExecution(
    input: StartChildWorkflowExecutionInput,
    next: Next<Outbound, 'startChildWorkflowExecution'>,
  ): Promise<[Promise<string>, Promise<unknown>]> {
    const starting = next(input);
    if (!inPlaceLock().isOrderKept) return starting;
    return starting.then(([started, ended]) => [inOrder(started), inOrder(ended)]);
  }
}

function inOrder<T>(result: Promise<T>): Promise<T> {
  if (!inPlaceLock().isOrderKept) return result;
  const told = result.finally(() => inPlaceLock().turn('result'));
  // Not everybody waits for what they begin.
  told.catch(() => undefined);
  return told;
}

class CountingActivations implements WorkflowInternalsInterceptor {
  activate(input: ActivateInput, next: Next<WorkflowInternalsInterceptor, 'activate'>): void {
    inPlaceLock().countActivation();
    next(input);
  }
}

export const interceptors = (): WorkflowInterceptors => ({
  internals: [new CountingActivations()],
  inbound: [new ComingInOrder()],
  outbound: [new ResultsInOrder()],
});
