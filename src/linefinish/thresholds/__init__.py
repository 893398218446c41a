"""Grey to black and white: the step `separate`. Start with `separating`."""
