import type {
  GenericPropertyType,
  PropertyType,
  ResourceProperties,
  SpecDatabase,
  TypeDefinition,
} from '@aws-cdk/service-spec-types'
import type { Resource, Template } from './cloudformation.ts'

type Kind<T extends PropertyType['type']> = Extract<GenericPropertyType<TypeDefinition>, { type: T }>
type Values = Record<string, unknown>

const isValues = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What CloudFormation computes: of its outcome nothing is known here. */
const isIntrinsic = (value: unknown): value is Values => {
  if (!isValues(value)) return false
  const [key, ...others] = Object.keys(value)
  return key !== undefined && others.length === 0 && (key === 'Ref' || key.startsWith('Fn::'))
}

const kindOf = (value: unknown): string => {
  if (Array.isArray(value)) return 'a list'
  return value === null || typeof value === 'object'
    ? 'an object'
    : `${typeof value} ${JSON.stringify(value)}`
}

/** Checks one template against AWS's resource specification; paths name what is wrong. */
class TemplateCheck {
  readonly #db: SpecDatabase
  readonly problems: string[] = []

  constructor(db: SpecDatabase) {
    this.#db = db
  }

  resource(id: string, { Type, Properties }: Resource): void {
    const [known] = this.#db.lookup('resource', 'cloudFormationType', 'equals', Type)
    if (known === undefined) this.problems.push(`${id}: there is no type ${Type}`)
    else this.#members(id, Properties, known.properties)
  }

  #members(path: string, values: Values, properties: ResourceProperties): void {
    for (const [name, value] of Object.entries(values)) {
      const property = properties[name]
      if (property === undefined) this.problems.push(`${path}.${name}: there is no such property`)
      else this.#value(`${path}.${name}`, value, property.type)
    }
    const missing = Object.keys(properties).filter(name => properties[name]?.required && !(name in values))
    this.problems.push(...missing.map(name => `${path}.${name}: is required`))
  }

  #value(path: string, value: unknown, type: PropertyType): void {
    if (isIntrinsic(value)) {
      this.#branches(path, value, type)
      return
    }
    switch (type.type) {
      case 'array':
        this.#list(path, value, type)
        break
      case 'map':
        this.#map(path, value, type)
        break
      case 'ref':
        this.#definition(path, value, type)
        break
      case 'union':
        this.#union(path, value, type)
        break
      case 'tag':
        this.#members(path, isValues(value) ? value : {}, tagProperties)
        break
      default:
        this.#primitive(path, value, type)
    }
  }

  /** Of a choice, both outcomes must fit. */
  #branches(path: string, intrinsic: Values, type: PropertyType): void {
    const choice = intrinsic['Fn::If']
    if (!Array.isArray(choice)) return
    const [, ...outcomes] = choice
    for (const [index, outcome] of outcomes.entries()) this.#value(`${path}.Fn::If.${index}`, outcome, type)
  }

  #list(path: string, value: unknown, { element }: Kind<'array'>): void {
    if (!Array.isArray(value)) this.problems.push(`${path}: must be a list, and is ${kindOf(value)}`)
    else for (const [index, entry] of value.entries()) this.#value(`${path}.${index}`, entry, element)
  }

  #map(path: string, value: unknown, { element }: Kind<'map'>): void {
    if (!isValues(value)) this.problems.push(`${path}: must be an object, and is ${kindOf(value)}`)
    else for (const [key, entry] of Object.entries(value)) this.#value(`${path}.${key}`, entry, element)
  }

  #definition(path: string, value: unknown, { reference }: Kind<'ref'>): void {
    if (!isValues(value)) this.problems.push(`${path}: must be an object, and is ${kindOf(value)}`)
    else this.#members(path, value, this.#db.get('typeDefinition', reference).properties)
  }

  /** One of the types must fit. Where none does, what is wrong by the nearest one is told. */
  #union(path: string, value: unknown, { types }: Kind<'union'>): void {
    const attempts = types.map(type => {
      const attempt = new TemplateCheck(this.#db)
      attempt.#value(path, value, type)
      return attempt.problems
    })
    const [nearest = []] = attempts.sort((a, b) => a.length - b.length)
    this.problems.push(...nearest)
  }

  #primitive(path: string, value: unknown, type: PropertyType): void {
    if (!fits(value, type)) this.problems.push(`${path}: must be ${type.type}, and is ${kindOf(value)}`)
    const allowed: readonly unknown[] = ('allowedValues' in type && type.allowedValues) || []
    if (allowed.length > 0 && !allowed.includes(value)) {
      this.problems.push(`${path}: must be one of ${allowed.join(', ')}, and is ${JSON.stringify(value)}`)
    }
  }
}

const tagProperties: ResourceProperties = {
  Key: { type: { type: 'string' }, required: true },
  Value: { type: { type: 'string' }, required: true },
}

const fits = (value: unknown, { type }: PropertyType): boolean => {
  switch (type) {
    case 'string':
    case 'date-time':
      return typeof value === 'string'
    case 'integer':
      return Number.isInteger(value)
    case 'number':
      return typeof value === 'number'
    case 'boolean':
      return typeof value === 'boolean'
    case 'json':
      return isValues(value) || typeof value === 'string'
    case 'null':
      return value === null
    default:
      return false
  }
}

/**
 * What is wrong with a template by AWS's published resource specification: types and properties that there are not,
 * properties that are missing, and literals of the wrong type or beside the allowed ones. What CloudFormation computes
 * is taken to be right.
 */
export const findSpecProblems = (db: SpecDatabase, template: Template): string[] => {
  const check = new TemplateCheck(db)
  for (const [id, resource] of Object.entries(template.Resources)) check.resource(id, resource)
  return check.problems
}

/** Names in a text for Fn::Sub, but for literal ones (`${!Name}`) and what the substitution itself defines. */
const namesIn = (text: string, own: readonly string[]): string[] =>
  [...text.matchAll(/\$\{([^!}][^}]*)\}/g)].map(match => match[1] ?? '').filter(name => !own.includes(name))

const namesOfSubstitution = (content: unknown): string[] => {
  const [text, own]: unknown[] = Array.isArray(content) ? content : [content, {}]
  return [...namesIn(String(text), Object.keys(isValues(own) ? own : {})), ...referencesIn(own)]
}

/** What one key of an object, and what stands under it, refers to. */
const referencesOf = ([key, content]: [string, unknown]): string[] => {
  if (key === 'Ref' && typeof content === 'string') return [content]
  if (key === 'Fn::GetAtt' && Array.isArray(content)) return [content.join('.')]
  return key === 'Fn::Sub' ? namesOfSubstitution(content) : referencesIn(content)
}

/** Everything that a value refers to: `Name`, or `Name.Attribute`. */
const referencesIn = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(referencesIn)
  return isValues(value) ? Object.entries(value).flatMap(referencesOf) : []
}

/**
 * References that lead nowhere: to no resource that is made, no parameter, or an attribute that its type hasn't got.
 *
 * @param isThere whether the resource of a logical id is made
 */
export const findBrokenReferences = (
  db: SpecDatabase,
  template: Template,
  isThere: (id: string) => boolean,
): string[] => {
  const leads = (reference: string): boolean => {
    const [name = '', ...attribute] = reference.split('.')
    if (name.startsWith('AWS::') || name in template.Parameters) return attribute.length === 0
    const resource = template.Resources[name]
    if (resource === undefined || !isThere(name)) return false
    const [known] = db.lookup('resource', 'cloudFormationType', 'equals', resource.Type)
    return attribute.length === 0 || known?.attributes[attribute.join('.')] !== undefined
  }
  const resources = Object.entries(template.Resources)
    .filter(([id]) => isThere(id))
    .flatMap(([id, { Properties, DependsOn }]) =>
      [...referencesIn(Properties), ...DependsOn].map(reference => ({ from: id, reference })),
    )
  const outputs = Object.entries(template.Outputs).flatMap(([id, { Value }]) =>
    referencesIn(Value).map(reference => ({ from: `output ${id}`, reference })),
  )
  return [...resources, ...outputs]
    .filter(({ reference }) => !leads(reference))
    .map(({ from, reference }) => `${from} refers to ${reference}`)
}
