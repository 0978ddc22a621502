import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, normalize } from 'node:path'
import { gzipSync } from 'node:zlib'
import { buildForStore } from '../../extension/build/build-for-store.ts'

export interface Sizes {
  readonly zipBytes: number
  /** What each part of the extension loads, compressed: its own files, and those that others load too. */
  readonly entries: readonly { readonly entry: string; readonly gzipBytes: number }[]
}

/** Builds the zip for the store, and weighs it. */
export async function measureSizes(): Promise<Sizes> {
  const dir = await mkdtemp(join(tmpdir(), 'live-transcription-bench-'))
  try {
    const { bytes } = await buildForStore({ stage: 'bench', apiUrl: 'https://api.example.com' }, dir)
    const unpackedDir = join(dir, 'live-transcription-bench')
    const files = (await readdir(unpackedDir)).filter(file => /\.(html|js)$/.test(file)).sort()
    const entries = files.map(async entry => ({ entry, gzipBytes: await gzipBytesOf(unpackedDir, entry) }))
    return { zipBytes: bytes, entries: await Promise.all(entries) }
  } finally {
    await rm(dir, { recursive: true })
  }
}

async function gzipBytesOf(dir: string, entry: string): Promise<number> {
  const files = await loadedBy(dir, entry, new Set())
  const contents = await Promise.all([...files].map(file => readFile(join(dir, file))))
  return contents.reduce((total, bytes) => total + gzipSync(bytes, { level: 9 }).length, 0)
}

/** How a page names its scripts and styles, and a script those that it imports. */
const references = {
  html: /(?:src|href)="([^"]+\.(?:js|css))"/g,
  js: /(?:from|import)\s*\(?["'`]([^"'`]+\.js)["'`]/g,
}

/** A page's or a script's file, and those that it loads, and so on. */
async function loadedBy(dir: string, file: string, seen: Set<string>): Promise<Set<string>> {
  if (seen.has(file)) return seen
  seen.add(file)
  if (file.endsWith('.css')) return seen
  const source = await readFile(join(dir, file), 'utf8')
  for (const [, named = ''] of source.matchAll(file.endsWith('.html') ? references.html : references.js)) {
    await loadedBy(dir, named.startsWith('/') ? named.slice(1) : normalize(join(dirname(file), named)), seen)
  }
  return seen
}
