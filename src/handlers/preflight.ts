export { preflight as createHandler } from '../http/endpoint.ts'
