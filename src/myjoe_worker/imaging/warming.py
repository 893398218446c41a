"""`warm_up`: load what the first page would wait for."""
from __future__ import annotations

from PIL import Image, ImageDraw

from myjoe.ordering.page_order import PageOrder
from myjoe_worker.imaging.examining import examine
from myjoe_worker.imaging.finishing import finish_page
from myjoe_worker.imaging.pictures import SIDE_PX_MIN, png


def warm_up() -> None:
    """Examine and finish the smallest page there is: kernels, decoders and writers are loaded. It
    is a fan, whose rays come so near each other that their outlines are fitted twice.
    """
    page = Image.new("L", (SIDE_PX_MIN, SIDE_PX_MIN), 255)
    for rise in range(0, 96, 2):
        ImageDraw.Draw(page).line([(8, 8), (120, 8 + rise)], fill=0, width=2)
    order = PageOrder(page=1, operations=("raster",), prompt="warm-up", paper="square", dpi=72)
    for step in (examine, finish_page):
        step(png(page), "image/png", order)
