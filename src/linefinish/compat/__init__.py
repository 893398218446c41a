"""Doors for those who come from other tracers: their calls, our kernels."""
