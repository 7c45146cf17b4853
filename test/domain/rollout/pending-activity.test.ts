import assert from 'node:assert/strict';
import { describePoolObstacle } from '../../../src/domain/pools/words.ts';
import { type PendingActivity, describeActivity } from '../../../src/domain/rollout/pending-activity.ts';

const WAITING: PendingActivity = { name: 'provision', state: 'waiting', since: '15:00', attempt: 1 };
const same = (time: string): string => time;

describe('an activity that waits', () => {
  it('waits for a free place where nothing else is known', () => {
    assert.equal(
      describeActivity(WAITING, same, true),
      'provision waits since 15:00 for a worker with a free place (8 stacks are made or destroyed at once by one); it begins as soon as there is one, or ends with abort',
    );
  });

  it('waits for a worker where nobody serves its pool, and says which one', () => {
    const because = describePoolObstacle({ pool: 'default', state: 'unserved', served: ['us'] });
    const told =
      'no worker serves pool default (pools served: us); it begins with a worker that is started with --pool default';
    assert.equal(
      describeActivity({ ...WAITING, because }, same, false),
      `provision waits since 15:00 for a worker: ${told}`,
    );
    assert.match(describeActivity({ ...WAITING, because }, same, true), /--pool default, or ends with abort$/);
  });
});
