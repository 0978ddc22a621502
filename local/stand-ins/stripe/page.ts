import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { type Html, html } from './html.ts'
import { STYLE } from './page-style.ts'

/**
 * Sends a whole page. It loads nothing: no script, and its style is inline. `form-action` is left open,
 * because browsers apply it to the redirect to the shop's success page too.
 */
export function sendPage(
  reply: FastifyReply,
  page: { statusCode?: number; title: string; bodyClass: string; body: Html },
): FastifyReply {
  return reply
    .code(page.statusCode ?? 200)
    .headers({
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy':
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
    })
    .send(layout(page).text)
}

/** The error handler of the pages: says what went wrong, in a page. */
export function sendFailure(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const statusCode = error.statusCode ?? 500
  if (statusCode >= 500) request.log.error(error)
  return sendPage(reply, {
    statusCode,
    title: 'That did not work · Stripe (local stand-in)',
    bodyClass: 'checkout',
    body: html`<main class="single"><div class="card verdict"><h1>That did not work</h1><p>${error.message}</p></div></main>`,
  })
}

function layout(page: { title: string; bodyClass: string; body: Html }): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${page.title}</title>
<style>${STYLE}</style>
</head>
<body class="${page.bodyClass}">
<header class="banner"><strong>Local stand-in for Stripe.</strong> No real money moves, and no card is asked for.</header>
${page.body}
</body>
</html>
`
}
