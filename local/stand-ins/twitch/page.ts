import { htmlEscape } from 'escape-goat'
import { listPage } from '../page.ts'
import { toDuration } from './helix.ts'
import { type Broadcaster, recordedSeconds } from './recordings.ts'

/** The page of the channels, each with a command that catches up on it; self-contained. */
export function channelsPage(broadcasters: readonly Broadcaster[], apiUrl: string, nowMs: number): string {
  return listPage(
    'Twitch',
    'Channels whose sound is real speech, made when it is asked for. The commands take the access token from the shell’s TOKEN. Reload to see recordings grow.',
    broadcasters.map(broadcaster => channelArticle(broadcaster, apiUrl, nowMs)).join(''),
  )
}

function channelArticle({ channel, stream, recordings }: Broadcaster, apiUrl: string, nowMs: number): string {
  const facts = [
    stream === null ? 'off air' : `on air for ${toDuration((nowMs - stream.startedAtMs) / 1_000)}`,
    ...recordings.map(
      recording =>
        `video ${recording.id}, ${toDuration(recordedSeconds(recording, nowMs))}` +
        `${recording.subscribersOnly ? ', for subscribers' : ''}`,
    ),
  ]
  const command =
    `curl -s ${apiUrl}/transcription/catchup -H "authorization: Bearer $TOKEN" ` +
    `-H 'content-type: application/json' -d '{"channel":"${channel.login}","minutes":5}'`
  return htmlEscape`<article>
<h2>${channel.login}</h2>
<p>${channel.purpose}</p>
<p>${facts.join(' · ')}</p>
<pre><code>${command}</code></pre>
</article>
`
}
