import assert from 'node:assert/strict';
import { exitCodeOfReport, liveLines } from '../../src/cli/commands/doctor-live.ts';
import { listFromTheEnd } from '../../src/doctor/live/aws/account.ts';
import { judge } from '../../src/doctor/live/finding.ts';
import { Ledger, type LiveThing } from '../../src/doctor/live/ledger.ts';
import { runCommand } from '../doubles/recording-context.ts';

const CLEARING = { limitMs: 1_000, pauseMs: 1, lateMs: 1 };

/** A double of something in an account: it refuses to go so many times, and is gone so many looks after. */
function thing(label: string, { refusals = 0, because = 'ResourceInUse', lateBy = 0 } = {}) {
  const calls = { removals: 0, looks: 0 };
  const double: LiveThing = {
    label,
    async remove() {
      calls.removals += 1;
      if (calls.removals <= refusals) throw new Error(because);
    },
    async isGone() {
      calls.looks += 1;
      return calls.looks > lateBy;
    },
    command: `remove ${label}`,
  };
  return { double, calls };
}

describe('what a look into a real account leaves', () => {
  it('is nothing, however often something is held back, or shown still', async () => {
    const ledger = new Ledger();
    const things = [thing('group', { refusals: 3 }), thing('balancer', { lateBy: 2 })];
    for (const { double } of things) ledger.note(double);
    assert.deepEqual(await ledger.clear(CLEARING), []);
    assert.deepEqual(
      things.map(({ calls }) => calls),
      [
        { removals: 4, looks: 2 },
        { removals: 3, looks: 4 },
      ],
    );
  });

  it('is nothing, even of what is shown only after it was looked for', async () => {
    const ledger = new Ledger();
    const { double, calls } = thing('group');
    // Gone at the first look, there at the second, which is the last one of a first round.
    const isGone = async () => ++calls.looks !== 2;
    ledger.note({ ...double, isGone });
    assert.deepEqual(await ledger.clear(CLEARING), []);
    assert.deepEqual(calls, { removals: 2, looks: 3 });
  });

  it('is told, with why and how it is removed by hand, and keeps nothing else from going', async () => {
    const ledger = new Ledger();
    const [stuck, other] = [thing('group', { refusals: Infinity }), thing('alarm')];
    for (const { double } of [stuck, other]) ledger.note(double);
    assert.deepEqual(await ledger.clear({ ...CLEARING, limitMs: 20 }), [
      { label: 'group', because: 'Error: ResourceInUse', command: 'remove group' },
    ]);
    assert.equal(other.calls.removals, 1);
  });

  it('is not asked for again where access is denied', async () => {
    const ledger = new Ledger();
    const { double, calls } = thing('group', { refusals: Infinity, because: 'AccessDenied: not yours' });
    ledger.note(double);
    assert.equal((await ledger.clear({ ...CLEARING, limitMs: 600_000 })).length, 1);
    assert.equal(calls.removals, 1);
  });
});

describe('what a look into a real account has found', () => {
  const text = { expected: 'it floats', found: 'it sinks', so: 'go by boat', otherwise: 'stay at home' };
  const left = [{ label: 'alarm x', because: 'AccessDenied', command: 'aws remove x' }];

  it('is one line: what was expected, what was found, what follows', () => {
    const examined = [{ name: 'wood', findings: [judge({ holds: false, ...text })] }];
    const shown = liveLines({ account: '1', region: 'here', examined, left, isCut: true }, { width: 200 }).map(
      (parts) => parts.map((part) => part.text).join(''),
    );
    assert.deepEqual(shown, [
      'bad   wood: expected: it floats; found: it sinks; so: stay at home',
      'It was ended before everything was looked into.',
      'left  alarm x could not be removed: AccessDenied',
      '      aws remove x',
    ]);
  });

  it('ends well unless something is bad, or left', () => {
    const of = (holds: boolean, worst: 'unsure' | 'bad') => [
      { name: '', findings: [judge({ holds, worst, ...text })] },
    ];
    assert.equal(exitCodeOfReport({ examined: of(true, 'bad'), left: [] }), 0);
    assert.equal(exitCodeOfReport({ examined: of(false, 'unsure'), left: [] }), 0);
    assert.equal(exitCodeOfReport({ examined: of(false, 'bad'), left: [] }), 2);
    assert.equal(exitCodeOfReport({ examined: of(true, 'bad'), left }), 2);
  });

  it('is asked for by --live alone', async () => {
    for (const [args, hint] of [
      [['--yes'], /add --live/],
      [['--vpc', 'vpc-0a1b2c3d'], /add --live/],
      [['--live', '-f', 'supplant.yaml'], /leave out --file/],
    ] as const) {
      const { code, stderr } = await runCommand(['doctor', ...args]);
      assert.equal(code, 2);
      assert.match(stderr.text, hint);
    }
  });

  it('has targets at the end of a network, where nobody is', () => {
    assert.deepEqual(listFromTheEnd('172.31.0.0/20', 2), ['172.31.15.254', '172.31.15.253']);
    assert.deepEqual(listFromTheEnd('10.0.1.0/24', 1), ['10.0.1.254']);
  });
});
