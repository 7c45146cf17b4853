import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { CLAIM_EXAMPLE, isClaimant, nameClaimant, readClaim } from '../../../src/domain/gates/claim.ts';

describe('what is sent from the Temporal UI', () => {
  const rows: [sent: unknown, faults: RegExp[]][] = [
    [{}, [/^by: who you are/]],
    [{ by: ' ' }, [/^by: who you are/]],
    [{ by: 'x'.repeat(101) }, [/at most 100/]],
    [{ by: 'zoe', reason: '' }, [/^reason: why/]],
    [{ by: 3, reason: 4, to: 5 }, [/^by:/, /^reason:/, /not to$/]],
    [null, [/^by:/]],
    ['zoe', [/^by:/]],
  ];
  for (const [sent, faults] of rows) {
    it(`${JSON.stringify(sent).slice(0, 40)}: ${faults.map(({ source }) => source).join(', ')}`, () => {
      const read = readClaim(sent);
      assert.ok(read && 'faults' in read);
      assert.equal(read.faults.length, faults.length);
      for (const [index, fault] of faults.entries()) assert.match(read.faults[index]!, fault);
    });
  }

  it('is nothing else than a name and a reason', () => {
    assert.deepEqual(readClaim(JSON.parse(CLAIM_EXAMPLE)), { by: 'ada', reason: 'tried it on the preview' });
    assert.deepEqual(readClaim({ by: 'zoe' }), { by: 'zoe' });
    assert.equal(readClaim({ command: 'c', by: 'zoe' }), undefined, 'that is what programs send');
    assert.ok(isClaimant(nameClaimant({ by: 'zoe' })));
  });

  it('is read, whatever it is, without a fault of ours', () => {
    fc.assert(
      fc.property(fc.anything(), (sent) => {
        const read = readClaim(sent);
        assert.ok(read === undefined || 'faults' in read || typeof read.by === 'string');
      }),
    );
  });
});
