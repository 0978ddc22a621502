import { fileURLToPath } from 'node:url'

/** The path of a file in `tests/fixtures`. */
export function fixturePath(name: string): string {
  return fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url))
}

/** What is said in the two recordings: LibriVox, Jane Austen's *Sense and Sensibility*. */
export const AUSTEN_0870 =
  'and mister john dashwood had then leisure to consider how much there might be prudently in his power to do for them'
export const AUSTEN_0880 = 'he was not an ill disposed young man'
