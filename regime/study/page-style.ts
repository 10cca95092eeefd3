/** The look of a study's page: light and dark, from a phone to a desk, without a font to load. */
export const pageStyle = `
:root{color-scheme:light dark;--bg:#fbfbf9;--card:#fff;--ink:#1d2430;--soft:#5d6675;
--rule:#dfe2e6;
--shade:#f1f2f0;--a:#1f5fa8;--b:#c2570c;--c:#7a4fa3;--d:#2f7d4f;--e:#8b93a0;--f:#a8871c;
--over:#c2303c;--good:#2f7d4f;--warn:#a86a00;--own:#eef4fb}
@media (prefers-color-scheme:dark){:root{--bg:#14171c;--card:#1b1f26;--ink:#e4e7ec;--soft:#9aa3b2;
--rule:#323843;--shade:#20252d;--a:#6fb0f2;--b:#f0955a;--c:#c0a0ea;--d:#70c494;--e:#7c8594;
--f:#d9bd5c;
--over:#ff7a80;--good:#70c494;--warn:#e8b25a;--own:#1e2a3a}}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;color:var(--ink);
background:var(--bg);
margin:0 auto;padding:2rem clamp(1rem,4vw,3rem) 4rem;max-width:78rem}
h1{font-size:1.5rem;margin:0;overflow-wrap:anywhere}h2{font-size:1.15rem;margin:2.5rem 0 .5rem}
h3{font-size:.95rem;margin:0 1rem 0 0;display:inline}p{margin:.3rem 0}
.facts,figcaption p{color:var(--soft)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(15rem,45%),1fr));gap:.75rem;
margin:1.25rem 0}
.tile{background:var(--card);border:1px solid var(--rule);border-radius:.5rem;padding:.6rem .8rem}
.tile b{display:block;font-size:1.35rem;font-weight:600;font-variant-numeric:tabular-nums}
.tile span{display:block;color:var(--soft);font-size:.82rem;line-height:1.35}
.tile.pass b{color:var(--good)}.tile.fail b{color:var(--over)}.tile.warn b{color:var(--warn)}
ul.remarks{margin:.5rem 0;padding-left:1.1rem}ul.remarks li{margin:.2rem 0}
.scroll{overflow-x:auto;border:1px solid var(--rule);border-radius:.5rem;background:var(--card)}
table{border-collapse:collapse;font-size:.82rem;font-variant-numeric:tabular-nums;width:100%}
td,th{padding:.35rem .6rem;text-align:right;border-bottom:1px solid var(--rule);
white-space:nowrap}
th{font-weight:600;color:var(--soft);vertical-align:bottom}tr:last-child td{border-bottom:0}
td:first-child,th:first-child{text-align:left;position:sticky;left:0;background:var(--card)}
tr.own td{font-weight:600;background:var(--own)}td.fail{color:var(--over)}
td.best{color:var(--good)}
td.yellow{color:var(--warn)}td.red{color:var(--over)}
figure{margin:1rem 0 0;background:var(--card);border:1px solid var(--rule);border-radius:.5rem;
padding:.8rem 1rem .6rem}figcaption{margin-bottom:.6rem;font-size:.85rem}
.key{display:inline-block;margin-right:.9rem;color:var(--soft)}
.key::before{content:"";display:inline-block;width:.9rem;height:.2rem;margin-right:.35rem;
vertical-align:.25rem;border-radius:.1rem;background:var(--t)}
.key.wide::before{height:.7rem;vertical-align:-.05rem;opacity:.35}
.key.over::before{width:.5rem;height:.5rem;border-radius:50%;background:var(--over);
vertical-align:.05rem}
.plot{padding-right:.6rem;display:grid;grid-template-columns:3.4rem 1fr;
grid-template-rows:auto 1.4rem}
.plot svg{width:100%;height:clamp(11rem,26vw,18rem);overflow:visible;display:block}
.ys,.xs{position:relative;font-size:.75rem;color:var(--soft);font-variant-numeric:tabular-nums}
.ys span{position:absolute;right:.5rem;transform:translateY(-50%)}
.xs{grid-column:2}.xs span{position:absolute;white-space:nowrap;top:.35rem;
transform:translateX(-50%)}
.ink{--t:var(--ink)}.a{--t:var(--a)}.b{--t:var(--b)}.c{--t:var(--c)}.d{--t:var(--d)}
.e{--t:var(--e)}.f{--t:var(--f)}
.line{fill:none;stroke:var(--t);stroke-width:1.4px;vector-effect:non-scaling-stroke;
stroke-linejoin:round}.line.dashed{stroke-dasharray:5 4;stroke-width:1.1px}
.band{fill:var(--t);opacity:.2;stroke:none}.before{fill:var(--shade)}
.grid{stroke:var(--rule);stroke-width:1px;vector-effect:non-scaling-stroke;fill:none}
.dot{stroke:var(--over);stroke-width:7px;stroke-linecap:round;vector-effect:non-scaling-stroke}
@media (max-width:640px){.xs .roomy{display:none}figure{padding:.7rem .6rem .5rem}
.plot{grid-template-columns:2.9rem 1fr}.dot{stroke-width:5px}}
@media print{body{background:#fff}figure,.tile{break-inside:avoid}}
`;
