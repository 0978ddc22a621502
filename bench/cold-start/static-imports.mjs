import { readFile } from 'node:fs/promises'

/** @param {string} code */
const withStaticImports = code => {
  const imports = []
  const body = code.replaceAll(/\bimport\(('[^']+')\)/g, (_, specifier) => {
    imports.push(`import * as __loaded${imports.length} from ${specifier}`)
    return `Promise.resolve(__loaded${imports.length - 1})`
  })
  return [...imports, body].join('\n')
}

/**
 * Makes every `import()` of the sources a static one, as one writes it where nothing is split: without `splitting`,
 * esbuild 0.28 leaves zod uninitialised when a module is imported both ways (docs/adr/0008).
 * @type {import('esbuild').Plugin}
 */
const staticImports = {
  name: 'static-imports',
  setup(build) {
    build.onLoad({ filter: /\/src\/(?:upstream|wiring)\/.*\.ts$/ }, async ({ path }) => ({
      contents: withStaticImports(await readFile(path, 'utf8')),
      loader: 'ts',
    }))
  },
}

export default [staticImports]
