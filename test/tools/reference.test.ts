import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fillBlocks, buildPublishedSchema, buildReferenceBlocks, SCHEMA } from '../../tools/docs/reference-blocks.ts';

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

  it('come with the schema as it is published', () => {
    assert.deepEqual(JSON.parse(readFileSync(SCHEMA, 'utf8')), JSON.parse(JSON.stringify(buildPublishedSchema())));
  });
});
