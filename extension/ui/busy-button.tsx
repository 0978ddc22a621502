import type { ButtonHTMLAttributes } from 'preact'

/**
 * A button whose work takes a while. While that is under way it keeps the focus and says that it is busy, and the work
 * itself must not begin again: `useTask` sees to that.
 */
export const BusyButton = ({
  busy,
  type = 'button',
  ...button
}: ButtonHTMLAttributes & { readonly busy: boolean }) => (
  <button {...button} type={type} aria-busy={busy} aria-disabled={busy} />
)
