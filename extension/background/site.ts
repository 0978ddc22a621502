/**
 * The site that a sender's page belongs to, under which its overlay is remembered. Pages from files are one site, and
 * so are those that have no origin of their own, as sandboxed ones.
 */
export function siteOf(sender: { readonly origin?: string; readonly url?: string }): string {
  const url = sender.url !== undefined && URL.canParse(sender.url) ? new URL(sender.url) : undefined
  if (url?.protocol === 'file:') return 'file://'
  const origin = sender.origin ?? url?.origin
  return origin === undefined || origin === 'null' ? 'opaque' : origin
}
