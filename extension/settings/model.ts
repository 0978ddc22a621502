import * as z from 'zod'

const colour = z.string().regex(/^#[0-9a-f]{6}$/)

/** How captions look on a page. */
export const overlayStyleSchema = z.object({
  fontSizePx: z.int().min(12).max(64).default(22),
  textColour: colour.default('#ffffff'),
  backgroundColour: colour.default('#101014'),
  backgroundOpacityPercent: z.int().min(0).max(100).default(85),
  /** Lines of captions that are shown at once. */
  lines: z.int().min(1).max(8).default(3),
})

/** Some of that, for what a site has of its own: what is not there is as it is everywhere. */
export const overlayStyleChangesSchema = z.object({
  fontSizePx: overlayStyleSchema.shape.fontSizePx.unwrap().exactOptional(),
  textColour: colour.exactOptional(),
  backgroundColour: colour.exactOptional(),
  backgroundOpacityPercent: overlayStyleSchema.shape.backgroundOpacityPercent.unwrap().exactOptional(),
  lines: overlayStyleSchema.shape.lines.unwrap().exactOptional(),
})

/** Where captions are on a page: fractions of the window, so that they stay in it when it changes. */
export const overlayPlacementSchema = z.object({
  /** Of the overlay's middle, from the left. */
  centreX: z.number().min(0).max(1).default(0.5),
  /** Of its lower edge, from the top. */
  bottomY: z.number().min(0).max(1).default(0.92),
  width: z.number().min(0.15).max(1).default(0.6),
})

/** What a site has of its own. */
export const siteOverlaySchema = z.object({
  style: overlayStyleChangesSchema.default({}),
  placement: overlayPlacementSchema.optional(),
  hidden: z.boolean().default(false),
})

export const silenceSensitivities = ['low', 'medium', 'high'] as const

export const silenceSchema = z.object({
  /** Seconds without sound after which captions pause; 0: never. */
  pauseAfterSeconds: z.union([z.literal(0), z.int().min(10).max(600)]).default(30),
  /** How loud a sound must be to count: with `high`, a whisper does. */
  sensitivity: z.enum(silenceSensitivities).default('medium'),
})

export const settingsSchema = z.object({
  /** Two letters, `multi` to detect it, or empty for what the backend takes first. */
  language: z
    .string()
    .regex(/^([a-z]{2}|multi)?$/)
    .default(''),
  overlay: overlayStyleSchema.prefault({}),
  silence: silenceSchema.prefault({}),
  /** Whether a screen reader reads each caption out. */
  announceCaptions: z.boolean().default(false),
  /** Of development builds only; empty: the build's own. */
  apiUrl: z.union([z.literal(''), z.url({ protocol: /^https?$/ })]).default(''),
})

export type OverlayStyle = z.infer<typeof overlayStyleSchema>
export type OverlayPlacement = z.infer<typeof overlayPlacementSchema>
export type SiteOverlay = z.infer<typeof siteOverlaySchema>
export type SilenceSettings = z.infer<typeof silenceSchema>
export type Settings = z.infer<typeof settingsSchema>

/** The version of the consent text. Raise it when what it says changes, and everybody is asked again. */
export const consentVersion = 1
