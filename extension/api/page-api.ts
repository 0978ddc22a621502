import { send } from '../messages/send.ts'
import { type Api, createApi } from './client.ts'

/**
 * The backend for pages of the extension: the service worker keeps the tokens and hands out those that open doors.
 *
 * @param account (`accountKey`) where it is spoken to for that one alone: with another, or nobody, signed in every call
 * throws `signed_out`
 */
export const pageApi = (apiUrl: string, account?: string): Api =>
  createApi({
    apiUrl,
    accessToken: async stale => {
      const { accessToken } = await send('account/access-token', {
        ...(stale === undefined ? {} : { stale }),
        ...(account === undefined ? {} : { account }),
      })
      return accessToken
    },
  })
