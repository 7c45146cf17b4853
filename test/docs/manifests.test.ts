import assert from 'node:assert/strict';
import { parse } from 'yaml';
import { faultMessage } from '../../src/config/fault.ts';
import { parseDescription } from '../../src/config/description.ts';
import { EXPERIMENT_KIND } from '../../src/config/experiment/schema.ts';
import { API_VERSION, KIND } from '../../src/config/manifest/schema.ts';
import { readPages, yamlBlocksOf } from './markdown.ts';

/** Says of itself that it is a manifest. */
function isManifest(text: string): boolean {
  const { apiVersion, kind } = (parse(text) ?? {}) as { apiVersion?: unknown; kind?: unknown };
  return apiVersion === API_VERSION && (kind === KIND || kind === EXPERIMENT_KIND);
}

describe('the manifests in the documents', () => {
  const blocks = readPages().flatMap((page) => yamlBlocksOf(page).map((block) => ({ page, ...block })));

  it('are found', () => assert.ok(blocks.some(({ text }) => isManifest(text))));

  it('are YAML, as are all other blocks that say so', () => {
    for (const { page, line, text } of blocks)
      assert.doesNotThrow(() => parse(text) as unknown, `${page.path}:${line}`);
  });

  it('are taken by Supplant as they stand', () => {
    const faults = blocks
      .filter(({ text }) => isManifest(text))
      .flatMap(({ page, line, text }) => {
        const parsed = parseDescription(text, '/where/it/stands');
        if (parsed.ok) return [];
        return parsed.faults.map((fault) => `${page.path}:${line + fault.line} ${fault.path}: ${faultMessage(fault)}`);
      });
    assert.deepEqual(faults, []);
  });
});
