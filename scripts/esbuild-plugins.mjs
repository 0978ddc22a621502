import { rm } from 'node:fs/promises'
import { builtinModules } from 'node:module'
import { basename, dirname, extname, resolve } from 'node:path'

/** @param {string} name */
const taken = name => `process.getBuiltinModule(${JSON.stringify(`node:${name}`)})`

/**
 * For `import()`, which hands out an ES module: what stands in a property of the builtin, and no getter.
 * @param {string} name
 */
const asModule = name => {
  const properties = Object.entries(Object.getOwnPropertyDescriptors(process.getBuiltinModule(name)))
  const names = properties
    .filter(([key, property]) => 'value' in property && key !== 'default')
    .map(([key]) => key)
  return `const builtin = ${taken(name)}\nexport default builtin\nexport const { ${names.join(', ')} } = builtin`
}

/**
 * Takes Node's own modules by `process.getBuiltinModule`, as `require` would. An ES module's `import` of one reads all
 * that it exports, lazy getters too: that of `http` loads undici.
 * @type {import('esbuild').Plugin}
 */
const builtins = {
  name: 'builtins',
  setup(build) {
    const names = builtinModules.filter(name => !/^(?:node:|_)/.test(name))
    const filter = new RegExp(`^(?:node:)?(?:${names.join('|')})$`)
    build.onResolve({ filter }, ({ path, kind }) => ({
      path: path.replace('node:', ''),
      namespace: kind === 'dynamic-import' ? 'builtin-modules' : 'builtins',
      sideEffects: false,
    }))
    build.onLoad({ filter: /./, namespace: 'builtins' }, ({ path }) => ({
      contents: `module.exports = ${taken(path)}`,
    }))
    build.onLoad({ filter: /./, namespace: 'builtin-modules' }, ({ path }) => ({ contents: asModule(path) }))
  },
}

/**
 * Lambda hands a function its credentials in its environment, which they outlive. So the AWS SDK's other sources of
 * them (profiles, SSO, web identities, processes, metadata services) are left out of what is packed.
 * @type {import('esbuild').Plugin}
 */
const environmentCredentials = {
  name: 'environment-credentials',
  setup(build) {
    const filter = /^@aws-sdk\/credential-provider-node$/
    const namespace = 'environment-credentials'
    build.onResolve({ filter }, async ({ path, kind, resolveDir, pluginData }) => {
      if (pluginData === namespace) return
      const found = await build.resolve(path, { kind, resolveDir, pluginData: namespace })
      return { path, namespace, pluginData: dirname(found.path), sideEffects: false }
    })
    build.onLoad({ filter, namespace }, ({ pluginData }) => ({
      contents: "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env'",
      resolveDir: pluginData,
    }))
  },
}

/**
 * AssemblyAI's SDK imports `ws` along with what it is used for. The functions open no socket: listeners' browsers do.
 * @type {import('esbuild').Plugin}
 */
const noSockets = {
  name: 'no-sockets',
  setup(build) {
    build.onResolve({ filter: /^ws$/ }, ({ path }) => ({ path, namespace: 'no-sockets', sideEffects: false }))
    build.onLoad({ filter: /./, namespace: 'no-sockets' }, () => ({
      contents: "export default function () { throw new Error('The functions open no socket.') }",
    }))
  },
}

/**
 * The files that an entry comes to, those that it may load later too.
 * @param {string} path
 * @param {import('esbuild').Metafile['outputs']} outputs
 */
const reachedFrom = (path, outputs, reached = new Set()) => {
  if (reached.has(path) || !outputs[path]) return reached
  reached.add(path)
  for (const { path: next } of outputs[path].imports) reachedFrom(next, outputs, reached)
  return reached
}

/**
 * Names a function's chunks after the function, so that serverless-esbuild packs them with that function alone: it
 * leaves out of a zip every file whose name begins with another function's. Removes those that the function can't come
 * to: esbuild makes a chunk for each `import()` in a file that it has read, even where it drops the code around it.
 * @type {import('esbuild').Plugin}
 */
const ownChunks = {
  name: 'own-chunks',
  setup({ initialOptions, onEnd }) {
    const [entry] = Array.isArray(initialOptions.entryPoints) ? initialOptions.entryPoints : []
    if (typeof entry !== 'string') throw new Error('own-chunks names chunks after one entry point.')
    const name = basename(entry, extname(entry))
    initialOptions.chunkNames = `${name}.[name]-[hash]`
    initialOptions.metafile = true
    onEnd(async ({ metafile }) => {
      if (!metafile) return
      const paths = Object.keys(metafile.outputs)
      const main = paths.find(path => basename(path, extname(path)) === name)
      const reached = reachedFrom(main ?? '', metafile.outputs)
      const strays = paths.filter(path => !reached.has(path))
      await Promise.all(
        strays.map(path => rm(resolve(initialOptions.absWorkingDir ?? '', path), { force: true })),
      )
    })
  },
}

export default [builtins, environmentCredentials, noSockets, ownChunks]
