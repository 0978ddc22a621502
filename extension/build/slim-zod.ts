interface Transform {
  readonly name: string
  transform(code: string, id: string): string | undefined
}

const schemas = /\/zod\/v4\/classic\/schemas\.js$/
const jsonSchema = /\/zod\/v4\/core\/(?:json-schema-processors|to-json-schema)\.js$/

/**
 * A plugin for Vite that takes out of zod what an extension's pages may not do and what they don't need: the code that
 * it writes at run time, which their policy forbids and would report at each attempt, and schemas as JSON Schema, which
 * every schema drags in.
 *
 * @throws where another version of zod is written another way: see then how it can be had
 */
export const slimZod = (): Transform => ({
  name: 'slim-zod',
  transform(code, id) {
    if (schemas.test(id)) return withoutGeneratedCode(code)
    if (jsonSchema.test(id)) return withoutContent(code, id)
    return undefined
  },
})

/** The validator that zod falls back on, which does the same a little slower. */
function withoutGeneratedCode(code: string): string {
  const slim = code.replaceAll('core.$ZodObjectJIT.init(', 'core.$ZodObject.init(')
  if (slim === code) throw new Error('zod makes its validators of objects in a new way.')
  return slim
}

/** The same exports, as functions that do nothing. */
function withoutContent(code: string, id: string): string {
  const names = [...code.matchAll(/^export (?:const|function) (\w+)/gm)].map(([, name]) => name)
  if (names.length === 0) throw new Error(`${id} exports nothing that is known.`)
  return names.map(name => `export const ${name} = () => undefined`).join('\n')
}
