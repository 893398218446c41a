"""Numpy arrays go in and come out of every step; here a drawing is made, traced from its greys, and
looked at as points.
"""
import sys
from pathlib import Path

import numpy as np

from linefinish import Gray, compose, fit, trace, write

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "demo-output")
folder.mkdir(parents=True, exist_ok=True)

# A disc of radius 30 whose edge pixels are as grey as the disc covers them.
y, x = np.mgrid[0:80, 0:80] + 0.5
gray = (255 * np.clip(np.hypot(x - 40, y - 40) - 29.5, 0, 1)).astype(np.uint8)

paths = trace(gray < 128, Gray.from_array(gray))
radii = np.hypot(*(paths.points_array() - 40).T)
print(f"{len(radii)} vertices lie between {radii.min():.3f} and {radii.max():.3f} px from the centre; the edge is at 30")

curves = fit(paths)
write(compose(curves), folder / "disc.svg")
print(f"fitted by {curves.segment_count} segments")
