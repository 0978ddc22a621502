import type { QueryService } from './query-protocol.ts'

/** STS: who calls is who runs `npm start`. */
export function stsService(options: {
  accessKeyId: string
  accountId: string
  userName: string
}): QueryService {
  const { accountId, userName, accessKeyId } = options
  return {
    path: '/sts',
    namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    accessKeyId,
    operations: {
      GetCallerIdentity: () => ({
        Arn: `arn:aws:iam::${accountId}:user/${userName}`,
        UserId: 'AIDALOCALSTANDIN00000',
        Account: accountId,
      }),
    },
  }
}
