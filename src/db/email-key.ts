const prefix = 'email#'

/** The Users item that makes an e-mail unique: an index can't. It has no `email`, so the index doesn't list it. */
export const emailKey = (email: string): string => `${prefix}${email}`

/** Whether a Users item is such a one, and no account. */
export const isEmailKey = (userId: string): boolean => userId.startsWith(prefix)
