import { htmlEscape } from 'escape-goat'

/** A piece of finished HTML. */
export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Content = string | number | Html | readonly Html[] | undefined

/** Builds HTML: what is put into the template is escaped, unless it is `Html` itself. */
export function html(template: TemplateStringsArray, ...contents: Content[]): Html {
  return new Html(String.raw({ raw: template }, ...contents.map(render)))
}

function render(content: Content): string {
  if (content === undefined) return ''
  if (content instanceof Html) return content.text
  if (typeof content === 'object') return content.map(render).join('')
  return htmlEscape(String(content))
}
