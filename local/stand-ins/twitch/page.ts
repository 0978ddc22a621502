import { htmlEscape } from 'escape-goat'
import { toDuration } from './helix.ts'
import { type Broadcaster, recordedSeconds } from './recordings.ts'

const style = `
:root { color-scheme: light dark; --line: light-dark(#d5d9e0, #3a404b); --quiet: light-dark(#59616e, #a2aab8) }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 0 auto; padding: 1rem; background: light-dark(#fff, #15181d); color: light-dark(#1b1f26, #e6e9ee) }
h1 { font-size: 1.4rem } h2 { font-size: 1rem; margin: 0 }
p { margin: .3rem 0; color: var(--quiet) }
article { border-top: 1px solid var(--line); padding: .8rem 0 }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .4rem 0 0; font-size: .85rem }
`

/** The page of the channels, each with a command that catches up on it; self-contained. */
export function channelsPage(broadcasters: readonly Broadcaster[], apiUrl: string, nowMs: number): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Twitch stand-in</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>Twitch stand-in</h1>
<p>Channels whose sound is real speech, made when it is asked for. The commands take the access token from the shell’s TOKEN. Reload to see recordings grow.</p>
${broadcasters.map(broadcaster => channelArticle(broadcaster, apiUrl, nowMs)).join('')}</main>
</body>
</html>
`
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
