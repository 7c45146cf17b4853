import type { AlarmProvider } from './provider.ts';

/** The alarms of CloudWatch, opened when somebody first asks for one. */
export function createAlarmProvider(): AlarmProvider {
  let opened: Promise<AlarmProvider> | undefined;
  const open = async (): Promise<AlarmProvider> => {
    try {
      return await (await import('./cloudwatch.ts')).CloudWatch.open();
    } catch (error) {
      // What could not be opened is tried again by the next who asks.
      opened = undefined;
      throw error;
    }
  };
  return {
    async readAlarms(names, window, signal) {
      opened ??= open();
      return (await opened).readAlarms(names, window, signal);
    },
  };
}
