import { htmlEscape } from 'escape-goat'
import { listPage } from '../page.ts'

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

/** The page of the recent calls, newest first; self-contained. */
export function callsPage(calls: Call[]): string {
  return listPage(
    'OpenAI',
    'No language model: it picks the lines of the transcript that matter most. Reload to see newer calls.',
    calls.map(callArticle).join('') ||
      '<p>No calls yet. Ask a question or request a catch-up, then reload.</p>',
  )
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
