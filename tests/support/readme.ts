/** The text under a heading of a Markdown document, up to the next of its rank. */
export const sectionOf = (markdown: string, heading: string): string => {
  const [, section] = `\n${markdown}`.split(`\n## ${heading}\n`)
  if (section === undefined) throw new Error(`There is no section "${heading}".`)
  return section.split('\n## ')[0] ?? ''
}

/** The shell blocks in a part of a document, each as it is printed. */
export const shellBlocksOf = (text: string): string[] =>
  [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block.trimEnd())

export interface Command {
  /** As it is printed, what is said of it included. */
  readonly line: string
  /** Without what is said of it. */
  readonly command: string
}

/** Every line of the shell blocks in a section, in order; each is a command. */
export const commandsOf = (section: string): Command[] =>
  shellBlocksOf(section)
    .flatMap(block => block.split('\n'))
    .map(line => ({ line, command: line.replace(/\s+# .*$/, '') }))
