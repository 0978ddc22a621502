import { offeredPrices } from '../domain/price-list.ts'
import { endpoint, type HttpDependencies } from '../http/endpoint.ts'
import { json } from '../http/response.ts'

export interface PackagesDependencies {
  readonly http: HttpDependencies
  readonly offersChannels: boolean
}

/** `GET /credits/packages` */
export const createHandler = ({ http, offersChannels }: PackagesDependencies) => {
  const prices = offeredPrices({ offersChannels })
  return endpoint(http, () => Promise.resolve(json(200, prices)))
}
