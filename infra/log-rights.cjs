// Takes from each function's role the right to make a log group, which serverless-iam-roles-per-function gives it. The stack
// makes the groups. Lambda writes what a function has said after the function is gone, too: with that right it would
// make the group again that a removed stack has just deleted, and the next deployment would find it in its way.

const notNeeded = 'logs:CreateLogGroup'

module.exports = class {
  constructor(serverless) {
    this.hooks = {
      // Listed after that plugin, it comes after it.
      'before:package:finalize': () => {
        const { Resources } = serverless.service.provider.compiledCloudFormationTemplate
        for (const { Type, Properties } of Object.values(Resources)) {
          if (Type === 'AWS::IAM::Role') Properties.Policies.forEach(narrow)
        }
      },
    }
  }
}

const narrow = ({ PolicyDocument }) => {
  for (const statement of PolicyDocument.Statement) {
    if (!Array.isArray(statement.Action)) continue
    statement.Action = statement.Action.filter(action => action !== notNeeded)
  }
}
