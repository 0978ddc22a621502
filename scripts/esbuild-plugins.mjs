import { basename, extname } from 'node:path'

/**
 * Names a function's chunks after the function, so that serverless-esbuild packs them with that function alone: it
 * leaves out of a zip every file whose name begins with another function's.
 * @type {import('esbuild').Plugin}
 */
const ownChunks = {
  name: 'own-chunks',
  setup(build) {
    const [entry] = Array.isArray(build.initialOptions.entryPoints) ? build.initialOptions.entryPoints : []
    if (typeof entry !== 'string') throw new Error('own-chunks names chunks after one entry point.')
    build.initialOptions.chunkNames = `${basename(entry, extname(entry))}.[name]-[hash]`
  },
}

export default [ownChunks]
