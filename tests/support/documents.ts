import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { projectDir } from '../../local/paths.ts'

/** A block between fences. */
export interface CodeBlock {
  /** What stands behind the fence: `sh`, `logs`; empty where nothing does. */
  readonly language: string
  readonly text: string
}

/** A Markdown file, taken apart as far as tests need it. */
export interface Doc {
  /** From the project's directory. */
  readonly path: string
  readonly text: string
  readonly headings: readonly string[]
  readonly links: readonly string[]
  readonly blocks: readonly CodeBlock[]
  /** What stands between single backticks outside of blocks. */
  readonly inlineCode: readonly string[]
}

const fence = /^ *```([a-z]*)\n([\s\S]*?)^ *```$/gm

/** All groups of all matches. */
const matches = (text: string, pattern: RegExp): string[][] =>
  [...text.matchAll(pattern)].map(match => match.slice(1).map(group => group ?? ''))

const toDoc = (path: string, text: string): Doc => {
  const prose = text.replace(fence, '')
  return {
    path,
    text,
    headings: matches(prose, /^#+ (.+)$/gm).map(([heading = '']) => heading),
    links: matches(prose, /\]\(([^)\s]+)\)/g).map(([link = '']) => link),
    blocks: matches(text, fence).map(([language = '', block = '']) => ({ language, text: block })),
    inlineCode: matches(prose, /`([^`\n]+)`/g).map(([code = '']) => code),
  }
}

/** README.md, CONTRIBUTING.md and all of docs/. */
export const readDocs = async (): Promise<Doc[]> => {
  const paths: string[] = []
  for await (const path of glob(['*.md', 'docs/**/*.md'], { cwd: projectDir })) paths.push(path)
  return Promise.all(
    paths.sort().map(async path => toDoc(path, await readFile(join(projectDir, path), 'utf8'))),
  )
}

/** The anchor that GitHub makes of a heading. */
export const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-')

/**
 * Every command that a document shows: lines of shell blocks, put together where they go on, those behind a prompt in
 * other blocks, and inline code.
 */
export const commandsOf = (doc: Doc): string[] => {
  const lines = doc.blocks
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.replace(/\\\n\s*/g, ' ').split('\n'))
  const prompted = doc.blocks
    .filter(({ language }) => language === '')
    .flatMap(({ text }) => matches(text, /^\$ (.+)$/gm).map(([line = '']) => line))
  return [...lines, ...prompted, ...doc.inlineCode]
    .map(line => line.replace(/\s+#\s.*$/, '').trim())
    .filter(Boolean)
}
