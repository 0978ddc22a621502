import { htmlEscape } from 'escape-goat'

/** Elements by name, a text, or a list, whose entries become `<member>`. */
export type Xml = string | readonly Xml[] | { readonly [element: string]: Xml | undefined }

/** An XML document; elements without a value are left out. */
export function xmlDocument(root: string, namespace: string, content: Xml): string {
  return `${htmlEscape`<${root} xmlns="${namespace}">`}${render(content)}</${root}>`
}

function render(content: Xml): string {
  if (typeof content === 'string') return htmlEscape(content)
  if (isList(content)) return content.map(entry => `<member>${render(entry)}</member>`).join('')
  return Object.entries(content)
    .map(([name, value]) => (value === undefined ? '' : `<${name}>${render(value)}</${name}>`))
    .join('')
}

function isList(content: Exclude<Xml, string>): content is readonly Xml[] {
  return Array.isArray(content)
}
