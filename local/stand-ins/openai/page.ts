import { htmlEscape } from 'escape-goat'

/** One call of `POST /v1/responses`, for people to look at. */
export interface Call {
  at: Date
  /** The JSON schema's name, or `plain text`; `request` for one that was refused unread. */
  asked: string
  /** Empty where the request was refused unread. */
  model: string
  /** What it came to: `completed`, `incomplete`, or the HTTP status and message of an error. */
  outcome: string
  inputTokens: number
  outputTokens: number
  output: string
}

const style = `
:root { color-scheme: light dark; --line: light-dark(#d5d9e0, #3a404b); --quiet: light-dark(#59616e, #a2aab8) }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 0 auto; padding: 1rem; background: light-dark(#fff, #15181d); color: light-dark(#1b1f26, #e6e9ee) }
h1 { font-size: 1.4rem } h2 { font-size: 1rem; margin: 0 }
p, dl { margin: .3rem 0; color: var(--quiet) }
article { border-top: 1px solid var(--line); padding: .8rem 0 }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .4rem 0 0; font-size: .85rem }
`

/** The page of the recent calls, newest first; self-contained. */
export function callsPage(calls: Call[]): string {
  const list =
    calls.length === 0 ? '<p>No calls yet. Ask a question or request a catch-up, then reload.</p>' : ''
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>OpenAI stand-in</title>
<style>${style}</style>
</head>
<body>
<h1>OpenAI stand-in</h1>
<p>No language model: it picks the lines of the transcript that matter most. Reload to see newer calls.</p>
${list}${calls.map(callArticle).join('')}
</body>
</html>
`
}

function callArticle(call: Call): string {
  const tokens = `${call.inputTokens} tokens in, ${call.outputTokens} out`
  const facts = [call.at.toISOString(), ...(call.model === '' ? [] : [call.model, tokens])]
  return htmlEscape`<article>
<h2>${call.asked}: ${call.outcome}</h2>
<p>${facts.join(' · ')}</p>
<pre>${indented(call.output)}</pre>
</article>
`
}

/** JSON is laid out; anything else, also JSON that was cut short, stays as it is. */
function indented(output: string): string {
  try {
    return JSON.stringify(JSON.parse(output), null, 2)
  } catch {
    return output
  }
}
