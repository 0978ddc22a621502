import { htmlEscape } from 'escape-goat'
import { listPage } from '../page.ts'
import type { TranscriptRecord } from './record.ts'
import type { SessionRecord } from './streaming/records.ts'

/** The page of the recent transcripts and streaming sessions, newest first; self-contained. */
export function recentPage(
  transcripts: readonly TranscriptRecord[],
  sessions: readonly SessionRecord[],
): string {
  return listPage(
    'AssemblyAI',
    'Speech recognised on this machine by the Moonshine tiny model, English only. Reload to see what is newer.',
    `<h2>Transcripts</h2>
${transcripts.map(transcriptArticle).join('') || '<p>No transcripts yet. Transcribe a clip, then reload.</p>'}
<h2>Streaming sessions</h2>
${sessions.map(sessionArticle).join('') || '<p>No streaming sessions yet.</p>'}
`,
  )
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
