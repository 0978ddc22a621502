// What a stage is built with, from its settings: serverless.yml reads it as `custom.switches`. A script, because a
// setting that is empty counts as not set, and because some of these go together.

/** What CloudWatch can keep a log for, in days. */
const retentionsDays = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400]

/**
 * How many of a function may run at once, where a bill could run away: what hashes passwords for whoever asks, what
 * runs for minutes, what anyone can call. Of the account's 1,000 they take 87.
 */
const mostAtOnce = {
  authRegister: 5,
  authLogin: 10,
  catchupFetch: 20,
  catchupWorker: 20,
  webhookStripe: 15,
  webhookAssemblyai: 15,
  sweep: 1,
  reconcile: 1,
}

/** X-Ray knows no resource to allow these on. */
const traceRights = {
  Effect: 'Allow',
  Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
  Resource: '*',
}

const gatewayUrl = { 'Fn::Sub': `https://\${HttpApi}.execute-api.\${AWS::Region}.\${AWS::URLSuffix}` }

const listOf = text =>
  text
    .split(',')
    .map(entry => entry.trim())
    .filter(entry => entry !== '')

const onOrOff = (name, text) => {
  if (text === 'on' || text === 'off') return text
  throw new Error(`${name} is "${text}": it must be on or off.`)
}

const wholeNumber = (name, text) => {
  if (/^[1-9]\d*$/.test(text)) return Number(text)
  throw new Error(`${name} is "${text}": it must be a whole number above 0.`)
}

const readRetention = text => {
  const days = wholeNumber('LOG_RETENTION_DAYS', text)
  if (retentionsDays.includes(days)) return days
  throw new Error(`LOG_RETENTION_DAYS is "${text}": CloudWatch knows ${retentionsDays.join(', ')}.`)
}

const readVpc = (subnetIds, securityGroupIds) => {
  if (subnetIds.length === 0 && securityGroupIds.length === 0) return null
  if (subnetIds.length > 0 && securityGroupIds.length > 0) return { subnetIds, securityGroupIds }
  throw new Error('VPC_SUBNET_IDS and VPC_SECURITY_GROUP_IDS go together: set both, or neither.')
}

const readDomain = (name, certificateArn, hostedZoneId) => {
  if (name === '' && (certificateArn !== '' || hostedZoneId !== '')) {
    throw new Error('DOMAIN_CERTIFICATE_ARN and DOMAIN_HOSTED_ZONE_ID are of no use without DOMAIN_NAME.')
  }
  if (name !== '' && certificateArn === '') throw new Error('DOMAIN_NAME needs DOMAIN_CERTIFICATE_ARN.')
  return { name, certificateArn, hostedZoneId }
}

module.exports = async ({ resolveVariable }) => {
  const env = async (name, fallback = '') => (await resolveVariable(`env:${name}, ''`)) || fallback
  const stage = await resolveVariable('sls:stage')
  const isProd = stage === 'prod'

  const domain = readDomain(
    await env('DOMAIN_NAME'),
    await env('DOMAIN_CERTIFICATE_ARN'),
    await env('DOMAIN_HOSTED_ZONE_ID'),
  )
  const traced = onOrOff('XRAY', await env('XRAY', 'off')) === 'on'
  const alarms = onOrOff('ALARMS', await env('ALARMS', isProd ? 'on' : 'off'))
  const bounded = onOrOff('RESERVED_CONCURRENCY', await env('RESERVED_CONCURRENCY', 'off')) === 'on'
  return {
    alarms,
    costAnomalies: onOrOff('COST_ANOMALIES', await env('COST_ANOMALIES', alarms)),
    alarmEmail: await env('ALARM_EMAIL'),
    backups: isProd ? 'on' : 'off',
    budgetDollars: wholeNumber('MONTHLY_BUDGET_DOLLARS', await env('MONTHLY_BUDGET_DOLLARS', '20')),
    logRetentionDays: readRetention(await env('LOG_RETENTION_DAYS', '30')),
    mostAtOnce: bounded ? mostAtOnce : {},
    tracing: traced,
    rightsOfEach: traced ? [traceRights] : [],
    vpc: readVpc(listOf(await env('VPC_SUBNET_IDS')), listOf(await env('VPC_SECURITY_GROUP_IDS'))),
    domain,
    apiUrl: domain.name === '' ? gatewayUrl : `https://${domain.name}`,
  }
}
