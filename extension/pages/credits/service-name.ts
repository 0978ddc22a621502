import type { ServiceType } from '../../../src/contracts/credits.ts'
import { text } from '../../ui/text.ts'

/** What a service is called. */
export const serviceName = (service: ServiceType): string => text(`credits_service_${service}`)
