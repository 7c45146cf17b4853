import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fillBlocks, buildPublishedSchemas, buildReferenceBlocks } from '../../tools/docs/reference-blocks.ts';

describe('the reference pages', () => {
  it('have a row for every key of a manifest', () => {
    const { manifest, check, http, 'local-process': config } = buildReferenceBlocks();
    for (const key of ['apiVersion', 'blueprint.config', 'router.port', 'strategy.bake', 'checks', 'retention.for'])
      assert.match(manifest ?? '', new RegExp(`^\\| \`${key}\` \\|`, 'm'));
    assert.match(check ?? '', /^\| `timeout` \| .* \| a duration from 10ms to 1h \| `5s` \|$/m);
    assert.match(http ?? '', /^\| `json\[\]\.path` \| .* \| required \|$/m);
    assert.match(config ?? '', /^\| `stopGrace` \| .* \| `10s` \|$/m);
  });

  it('are filled between their marks only', () => {
    const page = 'before\n<!-- reference: one -->\nold\n<!-- /reference -->\nafter\n';
    const filled = fillBlocks(page, { one: 'new' });
    assert.equal(filled, 'before\n<!-- reference: one -->\n\nnew\n\n<!-- /reference -->\nafter\n');
    assert.equal(fillBlocks(filled, { one: 'new' }), filled);
    assert.throws(() => fillBlocks(page, { two: 'x' }), /no block one; there is two/);
  });

  it('have a row for every key of an experiment', () => {
    const { experiment, probe, load } = buildReferenceBlocks();
    for (const key of [
      'variants[].like',
      'compare.baseline',
      'schedule.cron',
      'schedule.calendar[].hour',
      'ttl',
      'keep',
    ])
      assert.ok((experiment ?? '').includes(`| \`${key}\` `), key);
    assert.match(probe ?? '', /^\| `successes` \| .* \| `3` \|$/m);
    assert.match(load ?? '', /^\| `rate` \| .* \| 0\.01 to 10000 \| required \|$/m);
  });

  it('come with the schemas as they are published', () => {
    for (const [file, schema] of Object.entries(buildPublishedSchemas()))
      assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), JSON.parse(JSON.stringify(schema)));
  });
});
