const hosts = new Set(['twitch.tv', 'www.twitch.tv', 'm.twitch.tv'])

/** Pages of Twitch's own, where a channel's name would be. */
const ownPages = new Set([
  'activate',
  'bits',
  'clip',
  'collections',
  'dashboard',
  'directory',
  'downloads',
  'drops',
  'event',
  'following',
  'friends',
  'inventory',
  'jobs',
  'login',
  'logout',
  'moderator',
  'p',
  'payments',
  'popout',
  'prime',
  'products',
  'search',
  'settings',
  'signup',
  'store',
  'subs',
  'subscriptions',
  'team',
  'turbo',
  'user',
  'videos',
  'wallet',
])

const login = /^[a-z0-9][a-z0-9_]{2,24}$/

/** The login of the Twitch channel that an address shows, if it shows one. */
export function twitchChannel(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined
  const url = new URL(address)
  if (!hosts.has(url.hostname) || !/^https?:$/.test(url.protocol)) return undefined
  const name = url.pathname.split('/')[1]?.toLowerCase() ?? ''
  return login.test(name) && !ownPages.has(name) ? name : undefined
}
