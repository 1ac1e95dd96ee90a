/** How a report looks: one column, quiet colours, light or dark as the reader's device. */
export const reportStyle = `
:root { color-scheme: light dark; --paper: #ffffff; --ink: #1f2328; --pale: #59636e; --rule: #d8dee4; --card: #f6f8fa; --accent: #1f6feb; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #0d1117; --ink: #e6edf3; --pale: #9da7b3; --rule: #30363d; --card: #161b22; --accent: #58a6ff; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; }
main { max-width: 960px; margin: 0 auto; padding: 40px 40px 72px; }
header { padding-bottom: 20px; border-bottom: 1px solid var(--rule); }
h1 { margin: 0; font-size: 30px; line-height: 1.2; font-weight: 650; letter-spacing: -0.01em; }
header p { margin: 6px 0 0; color: var(--pale); }
h2 { margin: 44px 0 14px; font-size: 19px; font-weight: 650; }
h3 { margin: 28px 0 10px; font-size: 15px; font-weight: 650; }
p { margin: 10px 0; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(340px, 1fr)); gap: 2px 48px; margin: 0; }
dl div { display: flex; justify-content: space-between; gap: 16px; padding: 5px 0; border-bottom: 1px solid var(--rule); }
dt { color: var(--pale); } dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.results { display: flex; flex-wrap: wrap; gap: 12px; margin: 24px 0 0; padding: 0; list-style: none; }
.results li { min-width: 150px; padding: 12px 18px; border-radius: 8px; background: var(--card); color: var(--pale); font-size: 13px; }
.results strong { display: block; color: var(--ink); font-size: 25px; line-height: 1.3; font-weight: 600; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
th { color: var(--pale); font-weight: 500; text-align: left; white-space: nowrap; }
th, td { padding: 5px 28px 5px 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
th.number, td.number { text-align: right; }
td:first-child { font-weight: 500; }
details { margin: 10px 0; } summary { cursor: pointer; color: var(--accent); }
details .scroll { margin-top: 8px; }
figure { margin: 14px 0; } figcaption { margin-top: 6px; color: var(--pale); font-size: 13px; }
.chart img { display: block; max-width: 100%; height: auto; }
.grid img, .strip img { display: block; max-width: 100%; height: auto; image-rendering: pixelated; border-radius: 4px; }
.gallery { display: flex; flex-wrap: wrap; gap: 20px; align-items: flex-start; } .gallery figure { margin: 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: 18px 14px; margin: 0; padding: 0; list-style: none; }
.tiles li { font-size: 12.5px; line-height: 1.4; color: var(--pale); } .tiles b { display: block; color: var(--ink); font-weight: 550; }
.tile { display: block; margin-bottom: 6px; border-radius: 4px; image-rendering: pixelated; background-repeat: no-repeat; }
@media print { main { max-width: none; padding: 0; } details { display: block; } section { break-inside: avoid; } }
`;
