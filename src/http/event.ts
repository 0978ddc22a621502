import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda'

/** What API Gateway's HTTP API hands to a function (payload format 2.0), and what it takes back. */
export type ApiEvent = APIGatewayProxyEventV2
export type ApiResponse = APIGatewayProxyStructuredResultV2
export type ApiHandler = (event: ApiEvent, context: Context) => Promise<ApiResponse>
