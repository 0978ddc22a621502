import { text } from './text.ts'

/** Says that something is on its way, if it takes longer than a blink. */
export const Loading = ({ busy }: { readonly busy: boolean }) =>
  busy ? <p class="quiet loading">{text('common_loading')}</p> : null
