interface Transform {
  readonly name: string
  transform(code: string, id: string): string | undefined
}

const validator = 'core.$ZodObjectJIT.init('
const plainValidator = 'core.$ZodObject.init('

/**
 * A plugin for Vite that takes out what zod writes code at run time with: the policy of an extension's pages forbids
 * it, and each attempt would be reported. The validator that zod falls back on does the same, a little slower.
 */
export const withoutGeneratedCode = (): Transform => ({
  name: 'without-generated-code',
  transform(code, id) {
    if (!id.endsWith('/zod/v4/classic/schemas.js')) return undefined
    if (!code.includes(validator)) {
      throw new Error(`zod no longer says "${validator}": see how to build it without generated code now.`)
    }
    return code.replaceAll(validator, plainValidator)
  },
})
