import { readFileSync } from 'node:fs'
import { htmlEscape } from 'escape-goat'
import type { Command } from '../commands.ts'
import type { Part } from './parts.ts'

/** What the page is made of. */
export interface DashboardModel {
  parts: Part[]
  /** What to do to see captions in a browser. */
  extensionSteps: string[]
  commands: Command[]
  /** File names of the sample recordings. */
  samples: string[]
  stateDir: string
  logFile: string
}

const style = readFileSync(new URL('page.css', import.meta.url), 'utf8')
const script = readFileSync(new URL('page.client.js', import.meta.url), 'utf8')

/** The page; self-contained but for the recordings and the live state, which its script asks for. */
export function dashboardPage(model: DashboardModel): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Live transcription on this machine</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<header>
<h1>Live transcription</h1>
<p class="summary" role="status" id="summary">Looking at each part…</p>
</header>
<main>
<section aria-labelledby="parts">
<h2 id="parts">What runs here</h2>
<ul class="parts">${model.parts.map(partItem).join('')}</ul>
</section>
<section aria-labelledby="load">
<h2 id="load">Captions in a browser</h2>
<ol class="steps">${model.extensionSteps.map(step => htmlEscape`<li>${step}</li>`).join('')}</ol>
</section>
<section aria-labelledby="try">
<h2 id="try">Try it</h2>
<p>Paste these into a terminal, one after the other.</p>
<ol class="commands">${model.commands.map(commandItem).join('')}</ol>
</section>
<section aria-labelledby="samples">
<h2 id="samples">Sample recordings</h2>
<p>Speech to send to the API, once in each form that it takes.</p>
<ul class="samples">${model.samples.map(sampleItem).join('')}</ul>
</section>
</main>
${footer(model)}
<script type="module">${script}</script>
</body>
</html>
`
}

function partItem(part: Part): string {
  const links = part.links.map(link => htmlEscape`<a href="${link.href}">${link.label}</a>`).join(' ')
  return `${htmlEscape`<li data-part="${part.id}">
<h3>${part.name}</h3>
<p class="state" data-state="unknown">looking…</p>
<p class="about">${part.description}</p>`}
<p class="links">${links}</p>
</li>`
}

function commandItem(command: Command, index: number): string {
  const id = `command-${index}`
  return htmlEscape`<li>
<div class="command-head"><span>${command.title}</span>
<button type="button" data-copy="${id}" aria-label="Copy: ${command.title}">Copy</button></div>
<pre id="${id}" tabindex="0"><code>${command.line}</code></pre>
</li>`
}

function sampleItem(file: string): string {
  return htmlEscape`<li>
<a href="/local/samples/${file}" download>${file}</a>
<audio controls preload="metadata" src="/local/samples/${file}" aria-label="${file}"></audio>
</li>`
}

function footer(model: DashboardModel): string {
  return htmlEscape`<footer>
<p>State is kept in <code>${model.stateDir}</code>; <code>npm start -- --fresh</code> forgets it. The backend’s log is <code>${model.logFile}</code>.</p>
</footer>`
}
