import { htmlEscape } from 'escape-goat'
import type { TranscriptRecord } from './record.ts'
import type { SessionRecord } from './streaming/records.ts'

const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d5d9e0, #3a404b); --quiet: light-dark(#59616e, #a2aab8) }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 0 auto; padding: 1rem; background: light-dark(#fff, #15181d); color: light-dark(#1b1f26, #e6e9ee) }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin: 1.5rem 0 .5rem } h3 { font-size: 1rem; margin: 0 }
p { margin: .3rem 0; color: var(--quiet); overflow-wrap: anywhere }
article { border-top: 1px solid var(--line); padding: .8rem 0 }
blockquote { margin: .4rem 0; overflow-wrap: anywhere; max-height: 12rem; overflow-y: auto }
`

/** The page of the recent transcripts and streaming sessions, newest first; self-contained. */
export function recentPage(
  transcripts: readonly TranscriptRecord[],
  sessions: readonly SessionRecord[],
): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>AssemblyAI stand-in</title>
<style>${STYLE}</style>
</head>
<body>
<h1>AssemblyAI stand-in</h1>
<p>Speech recognised on this machine by the Moonshine tiny model, English only. Reload to see what is newer.</p>
<h2>Transcripts</h2>
${transcripts.map(transcriptArticle).join('') || '<p>No transcripts yet. Transcribe a clip, then reload.</p>'}
<h2>Streaming sessions</h2>
${sessions.map(sessionArticle).join('') || '<p>No streaming sessions yet.</p>'}
</body>
</html>
`
}

function transcriptArticle(record: TranscriptRecord): string {
  const seconds = record.result === null ? '' : ` · ${record.result.audio_duration} s of audio`
  return htmlEscape`<article>
<h3>${record.status}${seconds}</h3>
<p>${record.created_at} · ${record.id}</p>
<blockquote>${textOf(record)}</blockquote>
<p>${webhookLine(record)}</p>
</article>
`
}

function sessionArticle(record: SessionRecord): string {
  const state = record.close_code === null ? 'open' : `closed with ${record.close_code}`
  return htmlEscape`<article>
<h3>${state} · ${record.audio_seconds.toFixed(1)} s of audio, at most ${record.cap_seconds} s</h3>
<p>${record.opened_at} to ${record.closed_at ?? 'now'} · ${record.id} · ${record.speech_model}</p>
</article>
`
}

function textOf({ error, result }: TranscriptRecord): string {
  if (error !== null) return error
  if (result === null) return 'Not finished yet.'
  return result.text || 'Nobody speaks.'
}

function webhookLine({ request, webhook }: TranscriptRecord): string {
  if (webhook.state === 'none') return 'No webhook.'
  const tries = webhook.tries.map(attempt => attempt.status_code ?? attempt.error).join(', ')
  return [
    `Webhook ${webhook.state.replace('_', ' ')}: ${request.webhook_url}`,
    ...(tries === '' ? [] : [`tries: ${tries}`]),
    ...(webhook.next_try_at === null ? [] : [`next try: ${webhook.next_try_at}`]),
  ].join(' · ')
}
