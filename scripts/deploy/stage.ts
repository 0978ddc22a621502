const service = 'live-transcription'
/** IAM takes 64 characters for a role's name, which holds the stage, the region and the function. */
const longestStage = 16

/** What is wrong with a stage's name; undefined when nothing is. */
export const problemOfStage = (stage: string): string | undefined => {
  if (stage === 'local')
    return 'The stage "local" is the one of npm start. Name another, such as dev or prod.'
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(stage)) {
    return `The stage "${stage}" may have lowercase letters, digits and single dashes, and begins with a letter.`
  }
  if (stage.length > longestStage) return `The stage "${stage}" may have ${longestStage} characters at most.`
  if (stage.endsWith('-artifacts')) {
    return `The stage "${stage}" may not end in -artifacts: another stage's bucket could be called the same.`
  }
  return undefined
}

/** What is wrong with a region's name; undefined when nothing is. */
export const problemOfRegion = (region: string): string | undefined =>
  /^[a-z]{2}(-[a-z]+)+-\d$/.test(region)
    ? undefined
    : `"${region}" is no AWS region. Give one such as us-east-1 or eu-central-1: --region eu-central-1`

/** The names of what belongs to a stage. */
export const namesOf = (stage: string) => ({
  stack: `${service}-${stage}`,
  artifactsStack: `${service}-${stage}-artifacts`,
  envFile: `.env.${stage}`,
  secretsPath: `/${service}/${stage}`,
  functionPrefix: `${service}-${stage}-`,
  tablePrefix: `${service}-${stage}-`,
  alarmPrefix: `${service}-${stage}-`,
})

/** The tags of a stage's stacks, which CloudFormation passes on to all that they make. */
export const tagsOf = (stage: string): readonly string[] => [
  `Key=service,Value=${service}`,
  `Key=stage,Value=${stage}`,
]

/** Where people pay: what asks more often there, and refuses more. */
export const isProduction = (stage: string): boolean => stage === 'prod'
