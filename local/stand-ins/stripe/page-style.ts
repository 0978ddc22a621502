import { Html } from './html.ts'

/** The style of all of the stand-in's pages. Colours pass WCAG AA on their backgrounds, light and dark. */
export const STYLE = new Html(`
:root {
  color-scheme: light dark;
  --page: light-dark(#f4f5f7, #11151b);
  --surface: light-dark(#ffffff, #1a2029);
  --ink: light-dark(#1a2030, #e9edf3);
  --muted: light-dark(#596275, #a3adbd);
  --line: light-dark(#d9dde4, #323b49);
  --control-line: light-dark(#858e9d, #6d7889);
  --accent: light-dark(#0b5f5a, #5fd0c5);
  --accent-hover: light-dark(#094b47, #86e0d7);
  --on-accent: light-dark(#ffffff, #06302d);
  --tint: light-dark(#e8f3f2, #18302f);
  --good: light-dark(#17693a, #7fd8a0);
  --good-bg: light-dark(#e3f4e9, #14301f);
  --bad: light-dark(#a3201c, #ff9d97);
  --bad-bg: light-dark(#fdeceb, #3a1a1a);
  --wait: light-dark(#7a4b00, #f2c46d);
  --wait-bg: light-dark(#fdf1dc, #352809);
  --banner: light-dark(#fff3cf, #352a0b);
  --banner-ink: light-dark(#5a4200, #f4d98a);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
*, *::before, *::after { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; background: var(--page); color: var(--ink); }
h1, h2, h3, p, ul, ol, dl, dd, pre { margin: 0; }
h1, h2, .verdict p { text-wrap: balance; }
ul, ol { padding: 0; list-style: none; }
a { color: var(--accent); text-underline-offset: .2em; }
a:hover { color: var(--accent-hover); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.banner { padding: .6rem 1rem; background: var(--banner); color: var(--banner-ink); text-align: center; font-size: .875rem; }
.muted { color: var(--muted); }
.small { font-size: .875rem; }

button, .button {
  display: block; width: 100%; padding: .85rem 1rem; border: 1px solid transparent; border-radius: 10px;
  background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600; text-align: center;
  text-decoration: none; cursor: pointer;
}
button:hover, .button:hover { background: var(--accent-hover); color: var(--on-accent); }
button.option {
  display: grid; gap: .1rem; padding: .7rem 1rem; border-color: var(--control-line); background: transparent;
  color: var(--ink); text-align: left;
}
button.option:hover { background: var(--tint); border-color: var(--accent); }
button.option .muted { font-weight: 400; font-size: .875rem; }

.checkout main { display: grid; max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; gap: 1.5rem; }
.checkout h1 { font-size: 1.125rem; font-weight: 600; color: var(--muted); }
.checkout .amount { font-size: 2.5rem; font-weight: 700; line-height: 1.15; letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
.checkout .back { display: inline-block; margin-bottom: 1.25rem; padding: .25rem 0; }
.card { padding: 1.25rem; border: 1px solid var(--line); border-radius: 16px; background: var(--surface); }
.card h2 { font-size: 1.125rem; }
.items { margin-top: 1.5rem; border-top: 1px solid var(--line); }
.items li { display: flex; justify-content: space-between; gap: 1rem; padding: .85rem 0; border-bottom: 1px solid var(--line); }
.items li > :last-child { font-variant-numeric: tabular-nums; white-space: nowrap; }
.items .total { font-weight: 600; }
.items + p { margin-top: 1rem; }
.stack { display: grid; gap: .75rem; }
.stack + .stack { margin-top: 1.5rem; padding-top: 1.25rem; border-top: 1px solid var(--line); }
.notice { padding: .75rem 1rem; border-radius: 10px; }
.notice.bad { background: var(--bad-bg); color: var(--bad); }
.notice.wait { background: var(--wait-bg); color: var(--wait); }
.verdict { max-width: 30rem; margin: 0 auto; display: grid; gap: 1rem; text-align: center; }
.verdict h1 { font-size: 1.5rem; color: var(--ink); }
.verdict .mark { justify-self: center; width: 3.5rem; height: 3.5rem; border-radius: 50%; display: grid; place-items: center; font-size: 1.6rem; font-weight: 700; }
.mark.good { background: var(--good-bg); color: var(--good); }
.mark.bad { background: var(--bad-bg); color: var(--bad); }
.mark.wait { background: var(--wait-bg); color: var(--wait); }
@media (min-width: 52rem) {
  .checkout main { grid-template-columns: 1fr 1fr; gap: 4rem; padding-top: 4rem; }
  .checkout main.single { grid-template-columns: 1fr; }
  .card { padding: 2rem; }
}

.overview main { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; display: grid; gap: 2rem; }
.overview main > * { min-width: 0; }
.overview .top { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: baseline; justify-content: space-between; }
.overview h1 { font-size: 1.5rem; }
.overview h2 { font-size: 1.125rem; margin-bottom: .75rem; }
.rows { border: 1px solid var(--line); border-radius: 12px; background: var(--surface); }
.rows > li { padding: .85rem 1rem; }
.rows > li + li { border-top: 1px solid var(--line); }
.row { display: grid; grid-template-columns: minmax(0, 1fr); gap: .25rem .75rem; overflow-wrap: anywhere; }
.row .line { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: center; }
.row .line .push { margin-left: auto; }
code, pre { font: .8125rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.id { color: var(--muted); }
.badge { padding: .1rem .6rem; border-radius: 1rem; font-size: .8125rem; font-weight: 600; white-space: nowrap; background: var(--page); color: var(--muted); }
.badge.good { background: var(--good-bg); color: var(--good); }
.badge.bad { background: var(--bad-bg); color: var(--bad); }
.badge.wait { background: var(--wait-bg); color: var(--wait); }
.overview button { width: auto; padding: .4rem .9rem; font-size: .875rem; background: transparent; border-color: var(--control-line); color: var(--ink); }
.overview button:hover { background: var(--tint); border-color: var(--accent); color: var(--ink); }
details summary { cursor: pointer; padding: .25rem 0; color: var(--accent); font-size: .875rem; }
details pre { padding: .75rem; border-radius: 8px; background: var(--page); white-space: pre-wrap; }
.tries { margin-bottom: .5rem; display: grid; grid-template-columns: minmax(0, 1fr); gap: .25rem; font-size: .875rem; overflow-wrap: anywhere; }
@media (forced-colors: active) { .badge, .notice, .mark { border: 1px solid; } }
`)
