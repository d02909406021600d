/**
 * Style of the page. Text has a contrast of at least 7 to its ground in both themes (WCAG AAA);
 * figures keep their white ground, since their colours were chosen on it.
 */
export const STYLE = `:root {
  --ground: #ffffff; --ink: #1d1d1f; --muted: #4a4a50; --line: #d5d5da; --soft: #f4f4f6;
  --link: #00538a; --problem: #8a1c00; --problem-ground: #fff0eb;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #16171a; --ink: #ececef; --muted: #bdbdc4; --line: #3a3b41; --soft: #212227;
    --link: #8cc8ff; --problem: #ffb59e; --problem-ground: #3a1d14;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 60rem;
  background: var(--ground); color: var(--ink);
  font: 1rem/1.55 "DejaVu Sans", "Bitstream Vera Sans", Verdana, system-ui, sans-serif;
  overflow-wrap: break-word;
}
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.4rem; margin: 3rem 0 1rem; padding-top: .75rem; border-top: 2px solid var(--line); }
h3 { font-size: 1.15rem; margin: 2rem 0 .75rem; }
h4, h5, h6 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
a { color: var(--link); }
.skip { position: absolute; left: -99rem; }
.skip:focus { position: static; }
.headline { font-size: 1.1rem; margin: .5rem 0 1rem; }
.headline strong { font-size: 2.6rem; line-height: 1.1; margin-right: .35rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .4rem 1.1rem; margin: 1.25rem 0 0; padding: 0; list-style: none; }
.question { font-style: italic; color: var(--muted); margin: 0 0 .75rem; }
.answer { font-size: 1.1rem; line-height: 1.5; padding-left: .9rem; border-left: 4px solid var(--link); }
.source, .files { color: var(--muted); font-size: .85rem; }
a.data { color: inherit; text-decoration-style: dotted; text-underline-offset: .2em; }
a.data:hover, a.data:focus-visible { color: var(--link); text-decoration-style: solid; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.findings li { margin: .5rem 0; }
.problem {
  padding: .75rem 1rem; border-left: 4px solid var(--problem);
  background: var(--problem-ground); color: var(--problem);
}
dl { margin: 1rem 0; border-top: 1px solid var(--line); }
dl div { display: grid; grid-template-columns: 11rem 1fr; gap: 1rem; padding: .4rem 0; border-bottom: 1px solid var(--line); }
dt { color: var(--muted); }
dd { margin: 0; min-width: 0; }
.wide, .picture { overflow-x: auto; }
/* A shadow at each edge behind which there is more. */
.wide, .picture {
  background:
    linear-gradient(to right, var(--under) 30%, transparent) left / 2.5rem 100% no-repeat local,
    linear-gradient(to left, var(--under) 30%, transparent) right / 2.5rem 100% no-repeat local,
    linear-gradient(to right, #0005, transparent) left / .8rem 100% no-repeat scroll,
    linear-gradient(to left, #0005, transparent) right / .8rem 100% no-repeat scroll,
    var(--under);
}
.wide { --under: var(--ground); }
.picture { --under: #ffffff; }
table { border-collapse: collapse; margin: 1rem 0; font-size: .9rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--muted); padding-bottom: .4rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); }
thead th { border-bottom-width: 2px; }
tbody th { font-weight: normal; }
th.number, td.number { text-align: right; }
td.number { white-space: nowrap; }
td:not(.number) { overflow-wrap: anywhere; min-width: 6rem; }
summary { cursor: pointer; color: var(--link); margin: 1rem 0 .5rem; }
pre { background: var(--soft); padding: .9rem 1rem; margin: 1rem 0; font-size: .85rem; line-height: 1.45; min-width: max-content; }
code { font-family: "DejaVu Sans Mono", ui-monospace, Menlo, Consolas, monospace; }
.prose code { background: var(--soft); padding: 0 .2em; }
.formulas p { margin: .4rem 0; }
math { font-size: 1.1em; }
math[display="block"] { display: block math; width: max-content; margin: 0; }
figure { margin: 1.75rem 0; }
.picture { border: 1px solid var(--line); border-radius: 4px; }
/* The ground that a figure brings would hide the shadow; that of its frame is the same. */
.picture svg > rect:first-of-type { fill: none; }
.picture svg { display: block; max-width: 100%; height: auto; }
figcaption { color: var(--muted); font-size: .9rem; margin-top: .5rem; }
@media (max-width: 40rem) {
  body { padding: 1rem .75rem 3rem; }
  dl div { grid-template-columns: 1fr; gap: 0; }
}
@media print {
  :root { --ground: #fff; --ink: #000; --muted: #333; --line: #bbb; --soft: #f4f4f6; --link: #000; --problem: #000; --problem-ground: #fff; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav, .skip { display: none; }
  h2, h3 { break-after: avoid; }
  figure, tr { break-inside: avoid; }
  .wide, .picture { overflow: visible; border: 0; background: none; }
  details:not([open]) { display: none; }
  .answer { font-size: 11pt; }
  .picture svg { min-width: 0 !important; }
  pre { white-space: pre-wrap; min-width: 0; }
}
`;
