/** The backend that this build speaks to, without a slash at its end. */
declare const __API_URL__: string
/** Whether this is a development build: its backend can be changed in the options. */
declare const __DEVELOPMENT__: boolean
