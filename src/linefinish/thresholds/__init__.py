"""Grey to black and white: the step `separate`, Gray → Separation.

In reading order: `separating` is the step, and decides from the image. `tones` finds the greys of
ink and paper, `paper` makes uneven paper white, `screens` takes out dot screens, `strokes` joins
thin pale strokes. `classics` are the published methods, which are asked for by name.
"""
