/** The text under a heading of a Markdown document, up to the next of its rank. */
export const sectionOf = (markdown: string, heading: string): string => {
  const [, section] = `\n${markdown}`.split(`\n## ${heading}\n`)
  if (section === undefined) throw new Error(`There is no section "${heading}".`)
  return section.split('\n## ')[0] ?? ''
}

export interface Command {
  /** As it is printed, what is said of it included. */
  readonly line: string
  /** Without what is said of it. */
  readonly command: string
}

/** Every line of the shell blocks in a section, in order. */
export const commandsOf = (section: string): Command[] =>
  [...section.matchAll(/^```sh\n([\s\S]*?)^```$/gm)]
    .flatMap(([, block = '']) => block.trimEnd().split('\n'))
    .map(line => ({ line, command: line.replace(/\s+# .*$/, '') }))
