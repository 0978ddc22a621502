import { htmlEscape } from 'escape-goat'

const style = `
:root { color-scheme: light dark; --line: light-dark(#d5d9e0, #3a404b); --quiet: light-dark(#59616e, #a2aab8) }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 0 auto; padding: 1rem; background: light-dark(#fff, #15181d); color: light-dark(#1b1f26, #e6e9ee) }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin: 1.5rem 0 .5rem } h3 { font-size: 1rem; margin: 0 }
p { margin: .3rem 0; color: var(--quiet); overflow-wrap: anywhere }
article { border-top: 1px solid var(--line); padding: .8rem 0 } article h2 { font-size: 1rem; margin: 0 }
blockquote { margin: .4rem 0; overflow-wrap: anywhere; max-height: 12rem; overflow-y: auto }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .4rem 0 0; font-size: .85rem }
`

/**
 * The page of a stand-in that lists what it has or did; self-contained.
 *
 * @param about one or two sentences
 * @param list HTML
 */
export function listPage(vendor: string, about: string, list: string): string {
  const heading = htmlEscape`<h1>${vendor} stand-in</h1>
<p>${about}</p>`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${htmlEscape`<title>${vendor} stand-in</title>`}
<style>${style}</style>
</head>
<body>
<main>
${heading}
${list}</main>
</body>
</html>
`
}
