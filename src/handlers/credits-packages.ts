import { priceList } from '../domain/price-list.ts'
import { endpoint, type HttpDependencies } from '../http/endpoint.ts'
import { json } from '../http/response.ts'

export interface PackagesDependencies {
  readonly http: HttpDependencies
}

/** `GET /credits/packages` */
export const createHandler = ({ http }: PackagesDependencies) =>
  endpoint(http, () => Promise.resolve(json(200, priceList)))
