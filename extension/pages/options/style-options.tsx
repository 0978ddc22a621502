import { useEffect, useState } from 'preact/hooks'
import { CaptionsView } from '../../overlay/captions-view.tsx'
import { type OverlayStyle, overlayStyleSchema } from '../../settings/model.ts'
import { Field } from '../../ui/field.tsx'
import { number } from '../../ui/format.ts'
import { formatLanguage, text } from '../../ui/text.ts'
import { contrast, readableContrast } from './contrast.ts'
import type { Change } from './options.tsx'

/** How captions look on pages, with a preview that follows each move of a slider; what it is left at is saved. */
export function StyleOptions(props: { readonly overlay: OverlayStyle; readonly change: Change }) {
  const [style, draft] = useDraft(props.overlay)
  const save = (changes: Partial<OverlayStyle>): void => {
    draft(changes)
    props.change(settings => ({ overlay: { ...settings.overlay, ...changes } }))
  }
  return (
    <section class="stack" aria-labelledby="style">
      <h2 id="style">{text('options_style_heading')}</h2>
      <Preview style={style} />
      <div class="controls">
        <Slider
          label={text('options_font_size')}
          shown={text('options_pixels', style.fontSizePx)}
          range={[12, 64]}
          value={style.fontSizePx}
          onDraft={fontSizePx => draft({ fontSizePx })}
          onSave={fontSizePx => save({ fontSizePx })}
        />
        <Slider
          label={text('options_lines')}
          shown={number(style.lines)}
          range={[1, 8]}
          value={style.lines}
          onDraft={lines => draft({ lines })}
          onSave={lines => save({ lines })}
        />
        <Colour
          label={text('options_text_colour')}
          value={style.textColour}
          onDraft={textColour => draft({ textColour })}
          onSave={textColour => save({ textColour })}
        />
        <Colour
          label={text('options_background_colour')}
          value={style.backgroundColour}
          onDraft={backgroundColour => draft({ backgroundColour })}
          onSave={backgroundColour => save({ backgroundColour })}
        />
        <Slider
          label={text('options_opacity')}
          shown={percent(style.backgroundOpacityPercent)}
          range={[0, 100]}
          value={style.backgroundOpacityPercent}
          onDraft={backgroundOpacityPercent => draft({ backgroundOpacityPercent })}
          onSave={backgroundOpacityPercent => save({ backgroundOpacityPercent })}
        />
      </div>
      <div role="status">
        {contrast(style.textColour, style.backgroundColour) < readableContrast ? (
          <p class="warning">{text('options_hard_to_read')}</p>
        ) : null}
      </div>
      <p class="quiet">{text('options_style_sites')}</p>
      <div>
        <button type="button" onClick={() => save(overlayStyleSchema.parse({}))}>
          {text('options_style_reset')}
        </button>
      </div>
    </section>
  )
}

/** The style as it is being set: what is not saved yet goes before what is, so that no slider jumps back. */
function useDraft(saved: OverlayStyle): [OverlayStyle, (changes: Partial<OverlayStyle>) => void] {
  const [changes, setChanges] = useState<Partial<OverlayStyle>>({})
  const style = { ...saved, ...changes }
  const isSaved = JSON.stringify(style) === JSON.stringify(saved)
  useEffect(() => {
    if (isSaved) setChanges({})
  }, [isSaved])
  return [style, more => setChanges(before => ({ ...before, ...more }))]
}

const Preview = ({ style }: { readonly style: OverlayStyle }) => (
  <figure class="preview" aria-label={text('options_preview')}>
    <CaptionsView
      style={style}
      paragraphs={[
        { id: 1, text: text('options_preview_first') },
        { id: 2, text: text('options_preview_second') },
      ]}
    />
  </figure>
)

interface ControlProps<Value> {
  readonly label: string
  readonly value: Value
  /** While it is moved. */
  readonly onDraft: (value: Value) => void
  /** Once it is let go. */
  readonly onSave: (value: Value) => void
}

const Slider = (
  props: ControlProps<number> & { readonly shown: string; readonly range: readonly [number, number] },
) => (
  <Field label={props.label}>
    {ids => (
      <div class="slider">
        <input
          {...ids}
          type="range"
          min={props.range[0]}
          max={props.range[1]}
          value={props.value}
          aria-valuetext={props.shown}
          onInput={event => props.onDraft(event.currentTarget.valueAsNumber)}
          onChange={event => props.onSave(event.currentTarget.valueAsNumber)}
        />
        <span class="quiet number" aria-hidden="true">
          {props.shown}
        </span>
      </div>
    )}
  </Field>
)

const Colour = (props: ControlProps<string>) => (
  <Field label={props.label}>
    {ids => (
      <input
        {...ids}
        type="color"
        value={props.value}
        onInput={event => props.onDraft(event.currentTarget.value)}
        onChange={event => props.onSave(event.currentTarget.value)}
      />
    )}
  </Field>
)

const percent = (value: number): string =>
  (value / 100).toLocaleString(formatLanguage(), { style: 'percent' })
