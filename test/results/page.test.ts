import assert from 'node:assert/strict';
import type { RunView } from '../../src/domain/experiment/view.ts';
import { renderResultsPage } from '../../src/results/page.ts';
import { assertGolden } from '../cli/golden.ts';
import { sampleLoad, sampleResults, sampleRun } from './sample-results.ts';

function count(text: string, what: string | RegExp): number {
  return text.split(what).length - 1;
}

describe('the page of results', () => {
  it('is the golden one', () => {
    assertGolden('results-page', renderResultsPage(sampleRun(), sampleResults()));
  });

  it('needs nothing from elsewhere, and runs nothing', () => {
    const run = sampleRun();
    const page = renderResultsPage(run, sampleResults());
    // But for where a reader may go.
    const rest = page.replace(`href="${run.uiLink ?? ''}"`, '');
    assert.doesNotMatch(rest, /\b(?:src|srcset|href|xlink:href|action|data)\s*=/i);
    assert.doesNotMatch(rest, /<(?:script|link|img|iframe|object|embed|base|form)\b|@import|url\(|\son[a-z]+\s*=/i);
    assert.match(page, /Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/);
  });

  it('has headings in order, a header for each column and row, and words for each chart', () => {
    const page = renderResultsPage(sampleRun(), sampleResults());
    const levels = [...page.matchAll(/<h([1-6])/g)].map(([, level]) => Number(level));
    assert.equal(levels.filter((level) => level === 1).length, 1);
    assert.ok(levels.every((level, place) => place === 0 || level <= (levels[place - 1] ?? 0) + 1));
    assert.equal(count(page, /<th[ >]/), count(page, /<th scope="(?:row|col)"/));
    assert.equal(count(page, '<table>'), count(page, '<caption>'));
    assert.equal(count(page, 'role="img"'), count(page, /<svg\s+class="chart/));
    assert.match(page, /aria-label="Share of answers within a time\. baseline: half within 12\.1 ms/);
  });

  it('is well-formed: what is opened is closed', () => {
    const page = renderResultsPage(sampleRun(), sampleResults());
    const open: string[] = [];
    for (const [tag, name = ''] of page.matchAll(/<\/?([a-z][a-z0-9]*)\b[^>]*>/g)) {
      if (tag.endsWith('/>')) continue;
      if (tag.startsWith('</')) assert.equal(open.pop(), name, tag);
      else open.push(name);
    }
    assert.deepEqual(open, []);
  });

  it('escapes whatever it is given', () => {
    const evil = `<script>alert(1)</script>"><b x='&\u202e`;
    const { status } = sampleRun();
    const run: RunView = {
      status: {
        ...{ ...status, actor: evil, reason: evil, because: evil },
        variants: [{ name: evil, artifact: evil, blueprint: evil, endpoints: [], state: 'gone' }],
        phases: [{ phase: 'lease', state: 'done', note: evil }],
      },
      sentences: [evil],
      uiLink: 'javascript:alert(1)',
    };
    const results = sampleResults();
    const page = renderResultsPage(run, {
      ...results,
      measurements: [
        sampleLoad(evil, [1, 2, 3], { probe: evil, errors: 5, errorKinds: [{ what: evil, count: 5 }] }),
        ...results.measurements.map((measurement) => ({
          ...measurement,
          ...('evidence' in measurement ? { evidence: evil } : {}),
        })),
      ],
      comparisons: results.comparisons.map((comparison) => ({
        ...comparison,
        words: evil,
        test: evil,
        baseline: evil,
      })),
      keptUntil: evil,
    });
    assert.ok(!page.includes('<script') && !page.includes('<b x') && !page.includes('javascript:'));
    assert.ok(!page.includes('\u202e'));
    assert.ok(page.includes('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&gt;&lt;b x=&#39;&amp;'));
  });

  it('says so where nothing was answered, and draws no errors where there are none', () => {
    const results = { ...sampleResults(), comparisons: [], measurements: [sampleLoad('candidate', [])] };
    const page = renderResultsPage({ ...sampleRun(), sentences: [] }, results);
    assert.match(page, /Nothing was answered as accepted/);
    assert.match(page, /No request failed/);
    assert.doesNotMatch(page, /Held against|What happened|NaN|undefined/);
  });

  it('draws what is constant', () => {
    const page = renderResultsPage(sampleRun(), {
      ...sampleResults(),
      measurements: [sampleLoad('candidate', [10, 10, 10])],
    });
    assert.doesNotMatch(page, /NaN|Infinity/);
  });
});
