import type { ServiceDefinition } from './service-definition.ts'
import { apiUrlOf, localUrlOf, type Settings } from './settings.ts'
import { type Alarm, alarmSchema } from './stand-ins/aws/cloudwatch/alarms.ts'
import { type FunctionSettings, lambdaDefaults } from './stand-ins/aws/lambda/queue.ts'
import type { ServiceFacts } from './stand-ins/aws/plugin.ts'
import { awsStandInAccount } from './vendors.ts'

/** What the AWS stand-in is told of the service that runs. */
export function serviceFactsOf(
  settings: Settings,
  service: ServiceDefinition,
  tablesSuffix: string,
): ServiceFacts {
  const { accountId, deadLettersName, stackName } = awsStandInAccount
  const { environment } = service.provider
  const tables = {
    UsersTableName: environment.USERS_TABLE,
    UsageTableName: environment.USAGE_TABLE,
    TransactionsTableName: environment.TRANSACTIONS_TABLE,
    EphemeraTableName: environment.EPHEMERA_TABLE,
    Version: environment.VERSION,
  }
  return {
    functions: functionSettingsOf(service),
    alarms: alarmsOf(service),
    tablesSuffix,
    stack: {
      name: stackName,
      description: 'What npm start runs, played by the AWS stand-in',
      outputs: {
        ApiUrl: settings.dotenv.PUBLIC_API_URL ?? apiUrlOf(settings),
        DeadLettersUrl: `${localUrlOf(settings)}/aws/sqs/${accountId}/${deadLettersName}`,
        ...Object.fromEntries(Object.entries(tables).map(([name, value]) => [name, String(value)])),
        ...(tablesSuffix === '' ? {} : { TablesSuffix: tablesSuffix }),
      },
    },
  }
}

function functionSettingsOf({ functions }: ServiceDefinition): FunctionSettings[] {
  return Object.values(functions).map(({ name, maximumRetryAttempts, maximumEventAge }) => ({
    name,
    maximumRetryAttempts: maximumRetryAttempts ?? lambdaDefaults.maximumRetryAttempts,
    maximumEventAgeMs:
      maximumEventAge === undefined ? lambdaDefaults.maximumEventAgeMs : maximumEventAge * 1_000,
  }))
}

/** Those that go by one metric; what is computed of several only AWS can judge. */
function alarmsOf({ resources }: ServiceDefinition): Alarm[] {
  return Object.values(resources.Resources)
    .filter(resource => resource.Type === 'AWS::CloudWatch::Alarm')
    .flatMap(resource => {
      const alarm = alarmSchema.safeParse(resource.Properties)
      return alarm.success ? [alarm.data] : []
    })
}
