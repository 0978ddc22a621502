/** What a build of the extension is made for. */
export interface ExtensionBuild {
  /**
   * A development build has a fixed id, may be pointed at another backend and speaks to any; a store build speaks to
   * one backend and to AssemblyAI.
   */
  readonly kind: 'development' | 'store'
  /** The backend's address, without a slash at its end. */
  readonly apiUrl: string
  /** The stage of the backend, for the build's name: `prod`, `local`. */
  readonly stage: string
  /** Where the unpacked extension is put, absolute; what was there goes. */
  readonly outDir: string
}
