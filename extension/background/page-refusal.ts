const captionable = new Set(['http:', 'https:', 'file:'])

const storeHosts = new Set(['chromewebstore.google.com'])

/** Whether the browser lets an extension hear what plays at an address: not in its own pages, nor in its store. */
export function isCaptionable(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, hostname, pathname } = new URL(address)
  if (!captionable.has(protocol) || storeHosts.has(hostname)) return false
  return !(hostname === 'chrome.google.com' && pathname.startsWith('/webstore'))
}
