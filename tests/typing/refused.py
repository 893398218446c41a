"""Wrong uses, one a line: each must be refused by a user's type checker with the error that stands
behind it, and nothing else may be. test_typing.py holds mypy to it; `make lint` leaves it out.
"""
# ruff: noqa: B018, F401, I001
from __future__ import annotations

import linefinish
from linefinish import (
    Bitmap, Curves, Document, Finished, FinishOptions, FinishReport, Gray, ImageTooLargeError, Levels, Measures, OptionsError, Order, Page,
    PageResult, Paths, Separation, Verdict, close_gaps, compare, compose, despeckle, finish, finish_many, fit, hollow, measure, outline,
    rasterize, read_gray, separate, thicken, threshold, trace, verify, write,
)  # fmt: skip
from linefinish import finsh  # refused: attr-defined


def refused(bitmap: Bitmap, curves: Curves, document: Document, finished: Finished, gray: Gray, paths: Paths, found: Separation) -> None:
    linefinish.polish(gray)  # refused: attr-defined
    finish("scan.png", {"threads": 2})  # refused: arg-type
    finish("scan.png", FinishOptions(), print)  # refused: call-arg
    finish("scan.png", on_step=1)  # refused: arg-type
    read_gray("scan.png", megapixels_max="many")  # refused: arg-type
    read_gray()  # refused: call-arg
    finished.curves = curves  # refused: misc
    finished.write("drawing.svg", page="letter")  # refused: arg-type
    finished.write("drawing.svg", width_pt="8in")  # refused: arg-type
    finished.save("drawing.svg")  # refused: attr-defined
    FinishOptions(speckle_area_max=9)  # refused: call-arg
    FinishOptions(threads="2")  # refused: arg-type
    FinishOptions(threshold=128)  # refused: arg-type
    FinishOptions(threshold="otso")  # refused: arg-type
    FinishOptions(fills="grey")  # refused: arg-type
    trace(bitmap, turn_policy="up")  # refused: arg-type
    threshold(gray, "niblack")  # refused: arg-type
    Page(fit="cover")  # refused: arg-type
    write(document, "drawing", "gif")  # refused: arg-type
    rasterize(curves, fill_rule="winding")  # refused: arg-type
    FinishOptions().threads = 2  # refused: misc
    FinishOptions.from_mapping([("threads", 2)])  # refused: arg-type
    Gray(2, 1)  # refused: call-arg
    gray.width = 3  # refused: misc
    gray.from_array(gray, dpi=300)  # refused: arg-type
    Bitmap(2, 1, b"\0")  # refused: arg-type
    Bitmap.blank(3)  # refused: call-arg
    Levels.constant("dark")  # refused: arg-type
    threshold(gray, 128)  # refused: arg-type
    threshold(gray, window_px=31.5)  # refused: arg-type
    separate(gray, k="0.5")  # refused: arg-type
    separate(gray, "fixed", 128)  # refused: call-arg
    threshold(gray).gray  # refused: attr-defined
    despeckle(bitmap, greys=gray)  # refused: arg-type
    despeckle(bitmap, 9)  # refused: call-arg
    close_gaps(bitmap)  # refused: call-arg
    thicken(bitmap, stroke_width_px_min="3px")  # refused: arg-type
    hollow(bitmap, hollow_line_px=3)  # refused: call-arg
    measure(bitmap).parts = 3  # refused: misc
    measure(bitmap).width  # refused: attr-defined
    Measures(0.5)  # refused: call-arg
    trace(bitmap, gray, "grey")  # refused: arg-type
    trace(bitmap, turn_policy=1)  # refused: arg-type
    fit(curves)  # refused: arg-type
    fit(paths, 0.3)  # refused: call-arg
    outline(bitmap, threads="2")  # refused: arg-type
    outline(bitmap).points  # refused: attr-defined
    Curves(3, 4)  # refused: call-arg
    Paths(3, 4, paths.points, paths.offsets)  # refused: call-arg
    curves.transform(3)  # refused: arg-type
    curves.to_polygons("fine")  # refused: arg-type
    curves.bounds.left  # refused: union-attr
    curves.area = 3.0  # refused: misc
    Curves.from_svg(3)  # refused: arg-type
    Page("letter", fit=1)  # refused: arg-type
    Page(size="letter")  # refused: call-arg
    compose(paths)  # refused: arg-type
    compose(curves, "letter")  # refused: arg-type
    compose(curves, dpi="300")  # refused: arg-type
    document.page_pt = (1.0, 1.0)  # refused: misc
    rasterize(bitmap)  # refused: arg-type
    rasterize(curves, 300)  # refused: call-arg
    write(curves, "drawing.svg")  # refused: arg-type
    write(document, 3)  # refused: arg-type
    write(document, "drawing.svg", 3)  # refused: arg-type
    verify(b"").is_one_bit = True  # refused: misc
    verify(b"").grey  # refused: attr-defined
    Verdict("a.png", "PNG")  # refused: call-arg
    FinishReport()  # refused: call-arg
    finished.report.seconds["read"].total  # refused: attr-defined
    finish_many([1], "done")  # refused: list-item
    finish_many(["a.png"], "done", {"threads": 2})  # refused: arg-type
    finish_many(["a.png"], "done", executor=print)  # refused: arg-type
    [result.problem for result in finish_many(["a.png"], "done")]  # refused: attr-defined
    PageResult("a.png")  # refused: call-arg
    Order(page="letter")  # refused: arg-type
    compare("a.png", "b.png", {"threads": 2})  # refused: arg-type
    ImageTooLargeError("too large", 3.0)  # refused: call-arg
    raise OptionsError(3)  # refused: arg-type
