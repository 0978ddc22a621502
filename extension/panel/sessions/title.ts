import { text } from '../../ui/text.ts'

/** What captions are called: the title of their page. */
export const titleOf = ({ page }: { readonly page: { readonly title: string } }): string =>
  page.title.trim() || text('panel_untitled')
