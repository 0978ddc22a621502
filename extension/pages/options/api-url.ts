/**
 * A backend's address as somebody typed it, without a slash at its end; empty for the build's own. Undefined where it is
 * not one that requests can be sent to.
 */
export function apiUrlFrom(typed: string): string | undefined {
  const trimmed = typed.trim()
  if (trimmed === '') return ''
  const url = URL.parse(trimmed)
  if (!url || !['http:', 'https:'].includes(url.protocol)) return undefined
  if (url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') return undefined
  return url.href.replace(/\/+$/, '')
}
