/** Names an account, at its backend: what is paid for and kept here belongs to it, and is nobody else's to pay for. */
export const accountKey = ({ apiUrl, email }: { readonly apiUrl: string; readonly email: string }): string =>
  `${email} ${apiUrl}`
