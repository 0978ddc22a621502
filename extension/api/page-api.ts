import { send } from '../messages/send.ts'
import { type Api, createApi } from './client.ts'

/** The backend for pages of the extension: the service worker keeps the tokens and hands out those that open doors. */
export const pageApi = (apiUrl: string): Api =>
  createApi({
    apiUrl,
    accessToken: async stale => {
      const { accessToken } = await send('account/access-token', stale === undefined ? {} : { stale })
      return accessToken
    },
  })
