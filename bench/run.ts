import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'

/** `npm run bench -- <name>` runs one benchmark; without a name it lists them. */
const [name] = process.argv.slice(2)
const file = name && new URL(`./${name}.ts`, import.meta.url)
if (file && existsSync(file)) {
  await import(file.href)
} else {
  const files = (await readdir(new URL('.', import.meta.url))).filter(
    entry => entry.endsWith('.ts') && entry !== 'run.ts',
  )
  console.log(`Benchmarks: ${files.map(entry => entry.replace('.ts', '')).join(', ')}`)
  process.exitCode = name === undefined ? 0 : 1
}
