import { createHash } from 'node:crypto'
import type { ApiResponse } from './event.ts'

export interface Page {
  readonly title: string
  readonly heading: string
  readonly text: string
  /** Runs once the page is there. It must not depend on anything that a visitor sent. */
  readonly script: string
}

const style = `
:root { color-scheme: light dark; --ink: #1c1b22; --paper: #fbfaf7; --accent: #2f6f4f; }
@media (prefers-color-scheme: dark) { :root { --ink: #ecebf0; --paper: #17161b; --accent: #8fd3ae; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem;
  background: var(--paper); color: var(--ink); font: 1.0625rem/1.5 system-ui, sans-serif; }
main { max-width: 26rem; border-top: 4px solid var(--accent); padding-top: 1.25rem; }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25; }
p { margin: 0; }
`

const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** A small page that needs nothing else: its policy allows exactly its own style and script. */
export const htmlPage = ({ title, heading, text, script }: Page): ApiResponse => ({
  statusCode: 200,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': `default-src 'none'; style-src ${hash(style)}; script-src ${hash(script)}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  },
  body: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${heading}</h1>
<p role="status">${text}</p>
</main>
<script>${script}</script>
</body>
</html>
`,
})
