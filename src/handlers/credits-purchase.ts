import { purchaseRequestSchema } from '../contracts/credits.ts'
import type { Purchases } from '../domain/purchases.ts'
import { endpoint } from '../http/endpoint.ts'
import { jsonBody } from '../http/request.ts'
import { json } from '../http/response.ts'
import { keyedCaller, type SpendingDependencies } from './caller.ts'

export interface PurchaseHandlerDependencies extends SpendingDependencies {
  readonly purchases: Purchases
}

/** `POST /credits/purchase` */
export const createHandler = (deps: PurchaseHandlerDependencies) =>
  endpoint(deps.http, async event => {
    const { userId, operationId } = await keyedCaller(event, deps, deps.rules.purchaseByUser)
    const { package_id } = jsonBody(event, purchaseRequestSchema)
    return json(201, await deps.purchases.start(userId, operationId, package_id))
  })
