import type { Html } from './html.ts';

/**
 * Colours of variants have a contrast of 3 : 1 or more to the ground in either scheme (WCAG 2.2, 1.4.11), texts 4.5 : 1;
 * dashes tell variants apart without colours. Where a table goes on beside a narrow window, its edge is in the shade.
 */
const LIGHT = ['#0b62c4', '#b85c00', '#00795a', '#8a3ea8', '#c1272d', '#00798c', '#7a5230', '#5f6670'];
const DARK = ['#6cb0ff', '#ffa94d', '#4fd1a5', '#d59bf0', '#ff8583', '#5fd3e3', '#d0a27e', '#b4bcc8'];
const DASHES = ['none', '7 4', '2 3', '10 3 2 3', '14 4', '4 2', '1 4', '8 2 2 2 2 2'];

const colours = (of: readonly string[]): string => of.map((colour, place) => `--v${place}:${colour};`).join('');
const series = DASHES.map(
  (dash, place) => `.v${place}{color:var(--v${place})}.v${place} .line{stroke-dasharray:${dash}}`,
).join('\n');

/** Trusted: nothing of a run is in it. */
export const STYLE: Html = {
  markup: `
:root{color-scheme:light dark;--ground:#fff;--raised:#f5f6f8;--text:#1b1f24;--dull:#59616b;--rule:#d6dae0;--good:#11643a;--good-ground:#dcf3e4;--bad:#9f1d22;--bad-ground:#fde4e4;--busy:#6b4e00;--busy-ground:#fff0c9;--dull-ground:#e9ecf0;--link:#0b5cb8;--shade:#0004;${colours(LIGHT)}}
@media (prefers-color-scheme:dark){:root{--ground:#14171c;--raised:#1c2027;--text:#e7eaee;--dull:#a5adb8;--rule:#363c46;--good:#8fe3b0;--good-ground:#143d28;--bad:#ffb1b1;--bad-ground:#4d1b1e;--busy:#ffdf8f;--busy-ground:#46380f;--dull-ground:#2b313a;--link:#82b9ff;--shade:#fff4;${colours(DARK)}}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:64rem;padding:1.5rem 1.25rem 3rem;background:var(--ground);color:var(--text);font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;-webkit-text-size-adjust:100%}
h1{margin:0;font-size:1.75rem;line-height:1.25;overflow-wrap:anywhere}
h2{margin:2.5rem 0 .75rem;padding-top:1rem;border-top:1px solid var(--rule);font-size:1.25rem}
h3{margin:1.5rem 0 .5rem;font-size:1rem}
p{margin:.5rem 0;max-width:75ch;overflow-wrap:anywhere}
a{color:var(--link)}
.kicker,.note,footer,figcaption{color:var(--dull);font-size:.875rem}
.kicker{margin:0 0 .25rem}
.badge{display:inline-block;padding:.05rem .55rem;border-radius:1rem;font-size:.875rem;font-weight:600;line-height:1.5;white-space:nowrap;vertical-align:middle}
h1 .badge{font-size:1rem}
.good{color:var(--good);background:var(--good-ground)}.bad{color:var(--bad);background:var(--bad-ground)}.busy{color:var(--busy);background:var(--busy-ground)}.dull{color:var(--dull);background:var(--dull-ground)}
.facts{display:flex;flex-wrap:wrap;gap:.75rem 2rem;margin:1rem 0 0}
.facts dt{color:var(--dull);font-size:.875rem}.facts dd{margin:0;overflow-wrap:anywhere}
.findings{margin:.5rem 0 1rem;padding:0;list-style:none}
.findings li{margin:.4rem 0;padding:.5rem .8rem;border-left:4px solid var(--rule);background:var(--raised);overflow-wrap:anywhere}
.findings .higher{border-color:var(--bad)}.findings .lower{border-color:var(--good)}
.scroll{overflow-x:auto;background:linear-gradient(90deg,var(--ground) 30%,transparent) left/2.5rem 100% no-repeat local,linear-gradient(270deg,var(--ground) 30%,transparent) right/2.5rem 100% no-repeat local,linear-gradient(90deg,var(--shade),transparent) left/.75rem 100% no-repeat scroll,linear-gradient(270deg,var(--shade),transparent) right/.75rem 100% no-repeat scroll}
table{border-collapse:collapse;width:100%;font-size:.9375rem}
caption{text-align:left;color:var(--dull);font-size:.875rem;padding:.25rem 0}
th,td{padding:.4rem .7rem;border-bottom:1px solid var(--rule);text-align:left;vertical-align:top}
th:first-child{padding-left:0}
thead th{color:var(--dull);font-weight:600;white-space:nowrap}
tbody th{font-weight:600;white-space:nowrap}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
code{font:.875em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.evidence{overflow-wrap:anywhere}
figure{margin:0}figcaption p{margin:.25rem 0}
.chart{display:block;width:100%;height:auto}.chart.narrow{display:none}
.chart text{fill:var(--dull);font-size:12px}.chart .x{text-anchor:middle}.chart .y{text-anchor:end;dominant-baseline:middle}.chart .row{fill:var(--text)}
.grid{stroke:var(--rule);fill:none}
.line{stroke:currentColor;stroke-width:2.5;fill:none}
circle,rect{fill:currentColor}
circle{stroke:var(--ground);stroke-width:1.5}
rect{fill-opacity:.45;stroke:currentColor}
.reach{stroke:var(--text);stroke-width:1.5;fill:none}
.swatch{width:22px;height:8px;margin-right:.4rem;vertical-align:middle}
.key{display:inline-block;margin-right:1rem;color:var(--text);white-space:nowrap}
footer{margin-top:2.5rem;border-top:1px solid var(--rule)}
${series}
@media (max-width:40rem){body{padding:1rem 1rem 2rem}.chart.wide{display:none}.chart.narrow{display:block}.evidence,td code{display:block;min-width:15rem}h1{font-size:1.3rem}h1 .badge{font-size:.875rem}}
@media print{.chart.narrow{display:none}.scroll{overflow:visible}}
`,
};
