// What an operator looks at: how the business goes, then how the machine does. In an account three dashboards of up to 50
// metrics are free.

const columns = 24
const rowHeight = 6

/** Names of services as the ledger writes them, and as a person reads them. */
const services = {
  live_transcription: 'live captions',
  clip_transcription: 'clips',
  catchup: 'catch-ups',
  ask_agent: 'questions',
}

/** CloudFormation puts these in. */
const region = `\${AWS::Region}`
const api = `\${HttpApi}`

const graph = (title, metrics, options = {}) => ({
  type: 'metric',
  properties: {
    title,
    metrics,
    region,
    view: 'timeSeries',
    stat: 'Sum',
    period: 300,
    yAxis: { left: { min: 0 } },
    ...options,
  },
})

/** A metric for each value of its dimension that there has been. */
const eachOf = (namespace, name, dimension) => [
  [
    {
      id: 'each',
      expression: `SEARCH('{"${namespace}",${dimension}} MetricName="${name}"', 'Sum', 300)`,
      label: '',
    },
  ],
]

const number = (title, metrics) =>
  graph(title, metrics, { view: 'singleValue', period: 86_400, sparkline: true })

const business = ours => [
  [
    number('Accounts opened, a day', [[ours, 'AccountsOpened', { label: 'accounts' }]]),
    number('Sold, a day', [
      [ours, 'CreditsSold', { label: 'credits' }],
      [{ id: 'dollars', expression: 'cents / 100', label: 'dollars' }],
      [ours, 'PriceCentsSold', { id: 'cents', visible: false }],
    ]),
    number('Checkouts that were paid, of each 100', [
      [{ id: 'converted', expression: '100 * sold / opened', label: 'of 100' }],
      [ours, 'CreditsSold', { id: 'sold', stat: 'SampleCount', visible: false }],
      [ours, 'CheckoutsOpened', { id: 'opened', visible: false }],
    ]),
  ],
  [
    graph(
      'Credits used',
      Object.entries(services).map(([service, label]) => [
        ours,
        'CreditsUsed',
        'Service',
        service,
        { label },
      ]),
      { stacked: true, period: 3_600 },
    ),
    graph(
      'Minutes of live captions',
      [
        // Ten credits a minute: src/domain/price-list.ts.
        [{ id: 'minutes', expression: 'credits / 10', label: 'minutes' }],
        [ours, 'CreditsUsed', 'Service', 'live_transcription', { id: 'credits', visible: false }],
      ],
      { period: 3_600 },
    ),
    graph(
      'Catch-ups, clips and questions',
      ['catchup', 'clip_transcription', 'ask_agent'].map(service => [
        ours,
        'CreditsUsed',
        'Service',
        service,
        { stat: 'SampleCount', label: services[service] },
      ]),
      { period: 3_600 },
    ),
  ],
]

const gateway = (name, options) => ['AWS/ApiGateway', name, 'ApiId', api, options]

const technical = (ours, prefix, tables) => [
  [
    graph('Requests', [
      gateway('Count', { label: 'all' }),
      gateway('4xx', { label: '4xx' }),
      gateway('5xx', { label: '5xx' }),
      [ours, 'RequestsThrottled', { label: 'turned away' }],
    ]),
    graph('Milliseconds that an answer takes', [
      gateway('Latency', { stat: 'p50', label: 'half of them' }),
      gateway('Latency', { stat: 'p95', label: '95 of 100' }),
    ]),
    graph('Unexpected errors, by function', eachOf(ours, 'RequestsFailed', 'Function')),
  ],
  [
    graph('Failures, by vendor', eachOf(ours, 'VendorFailures', 'Vendor')),
    graph('Functions that nobody waits for: errors', [
      ...['catchup-fetch', 'catchup-worker', 'sweep', 'reconcile'].map(name => [
        'AWS/Lambda',
        'Errors',
        'FunctionName',
        `${prefix}-${name}`,
        { label: name },
      ]),
      ['AWS/Lambda', 'Throttles', { label: 'not started, whole account' }],
    ]),
    graph('Dead letters', [
      [
        'AWS/SQS',
        'ApproximateNumberOfMessagesVisible',
        'QueueName',
        `${prefix}-dead-letters`,
        { stat: 'Maximum', label: 'waiting' },
      ],
    ]),
  ],
  [
    graph(
      'DynamoDB: units written and read',
      tables.flatMap(table => [
        ['AWS/DynamoDB', 'ConsumedWriteCapacityUnits', 'TableName', table, { label: `${table} written` }],
        ['AWS/DynamoDB', 'ConsumedReadCapacityUnits', 'TableName', table, { label: `${table} read` }],
      ]),
    ),
    graph(
      'DynamoDB: turned away',
      tables.flatMap(table => [
        ['AWS/DynamoDB', 'WriteThrottleEvents', 'TableName', table, { label: `${table} writes` }],
        ['AWS/DynamoDB', 'ReadThrottleEvents', 'TableName', table, { label: `${table} reads` }],
      ]),
    ),
    graph('What should not be', [
      [ours, 'ExpiredHolds', { label: 'holds that expired' }],
      [ours, 'SignaturesRefused', { label: "Stripe's signature refused" }],
      [ours, 'LedgerMismatches', { label: "ledgers that don't close" }],
      [ours, 'StripeMismatches', { label: 'differences with Stripe' }],
    ]),
  ],
]

/** Rows of widgets of the same width, under a line that says what they are about. */
const laidOut = (title, rows, top) => [
  {
    type: 'text',
    x: 0,
    y: top,
    width: columns,
    height: 1,
    properties: { markdown: `# ${title}` },
  },
  ...rows.flatMap((row, index) =>
    row.map((widget, column) => ({
      ...widget,
      x: column * (columns / row.length),
      y: top + 1 + index * rowHeight,
      width: columns / row.length,
      height: rowHeight,
    })),
  ),
]

module.exports = async ({ resolveVariable }) => {
  const stage = await resolveVariable('sls:stage')
  const home = await resolveVariable('self:provider.region')
  const tables = Object.values(await resolveVariable('self:custom.tables'))
  const ours = `live-transcription/${stage}`
  const sold = business(ours)
  const widgets = [
    ...laidOut('Business', sold, 0),
    ...laidOut('Health', technical(ours, `live-transcription-${stage}`, tables), 1 + sold.length * rowHeight),
  ]
  return {
    Resources: {
      Dashboard: {
        Type: 'AWS::CloudWatch::Dashboard',
        Condition: 'HasAlarms',
        Properties: {
          // Dashboards have one namespace for all regions.
          DashboardName: `live-transcription-${stage}-${home}`,
          DashboardBody: { 'Fn::Sub': JSON.stringify({ widgets }) },
        },
      },
    },
  }
}
