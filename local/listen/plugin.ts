import type { FastifyPluginAsync } from 'fastify'
import { speechWav } from './sound.ts'

/** What the page needs. */
export interface ListenOptions {
  /** Directory of the sample recordings. */
  fixturesDir: string
}

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Somebody reads Jane Austen</title>
<link rel="icon" href="data:,">
<style>
:root { color-scheme: light dark }
body { font: 18px/1.6 Georgia, serif; max-width: 40rem; margin: 0 auto; padding: 2rem 1rem }
h1 { font-size: 1.5rem } audio { width: 100%; margin: 1rem 0 }
</style>
</head>
<body>
<main>
<h1>Somebody reads Jane Austen</h1>
<p>A page that plays speech, to try captions on. Press play, then the extension’s icon.</p>
<audio controls loop preload="auto" src="/listen/speech.wav"></audio>
<p>From <cite>Sense and Sensibility</cite>, read for LibriVox; in the public domain.</p>
</main>
</body>
</html>
`

/** The page at `/listen`: speech over and over, for the extension to caption. */
export const listen: FastifyPluginAsync<ListenOptions> = async (app, { fixturesDir }) => {
  let wav: Promise<Buffer> | undefined

  app.get('/listen', async (_request, reply) => reply.type('text/html; charset=utf-8').send(page))
  app.get('/listen/speech.wav', async (_request, reply) => {
    wav ??= speechWav(fixturesDir)
    return reply.type('audio/wav').send(await wav)
  })
}
