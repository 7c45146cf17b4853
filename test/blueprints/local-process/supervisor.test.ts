import assert from 'node:assert/strict';
import { nextAttempt } from '../../../blueprints/local-process/supervisor.ts';

describe('when a dead process is started again', () => {
  const rows: [string, Parameters<typeof nextAttempt>[0], number, number | undefined][] = [
    ['at once after its first death', undefined, 0, 1],
    ['not before the pause is over', { attempts: 1, lastAt: 0 }, 999, undefined],
    ['after a second', { attempts: 1, lastAt: 0 }, 1_000, 2],
    ['after twice that', { attempts: 2, lastAt: 0 }, 2_000, 3],
    ['at most a minute apart', { attempts: 15, lastAt: 0 }, 60_000, 16],
    ['with short pauses again once it had lived long', { attempts: 5, lastAt: 0 }, 76_001, 1],
    ['one last time to be given up', { attempts: 20, lastAt: 0 }, 60_000, 21],
    ['and never again', { attempts: 21, lastAt: 0 }, 10_000_000, undefined],
  ];
  for (const [what, history, now, attempt] of rows) {
    it(what, () => assert.equal(nextAttempt(history, now), attempt));
  }
});
