"""Memory without numpy: `buffers` for pixels and scratch, `threads` that work on one page."""
