"""linefinish: any grey drawing in, true 1-bit line art out.

    from linefinish import FinishOptions, finish, read_gray

    finished = finish(read_gray("scan.png"), FinishOptions(speckle_area_px_max=9))
    finished.write("drawing.svg")

In reading order:

    pipeline      the main path, which `finish` runs; start there
    data          what the steps hand to each other: Gray, Bitmap, Separation, Paths, Curves,
                  Document; curves have verbs: outlines, bounds, transform, to_polygons and more
    readers       read_gray: any picture → Gray
    sheets        find_sheet: a photographed sheet of paper; flatten: Gray → Gray of it alone;
                  straightened: both as the options ask, with what was done
    thresholds    separate: Gray → Separation, which has the Bitmap
    cleaning      despeckle, close_gaps, thicken, hollow: Bitmap → Bitmap
    measuring     measure: what a page looks like in numbers; doubts says what may be wrong with
                  it, inks what is none
    outlines      trace: Bitmap → Paths; fit: Paths → Curves
    stroking      centre lines as a person wants them: centrelines finds, toolpaths orders them
    writers       write: Document → a file; rasterizing draws it as pixels
    verifiers     verify: whether a file is truly 1-bit
    fax_rows      how many rows fax codes hold, which readers and verifiers ask
    delivering    one drawing into its files, in physical units; lengths are its units
    command       the command `linefinish`, and comparing, which draws a drawing before and after
    batch         finish_many: many drawings
    book          Book: the interior and the cover that a printer takes
    preflight     check: what a printer would object to in PDFs of any origin
    imposition    impose: booklets and several pages on a sheet, for the home printer
    rebinding     finished pages bound as they are, cropped, and shown
    kernels       the inner loops, compiled ahead of time
    memory        buffers and threads
    options, report, records, errors, checks   what all of them share

Every name is loaded on first use, so that importing the package costs nothing.
"""
from __future__ import annotations

__version__: str = "0.1.0"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from linefinish.batch.finish_many import PageResult as PageResult
    from linefinish.batch.finish_many import finish_many as finish_many
    from linefinish.book.cover import CoverOrder as CoverOrder
    from linefinish.book.making import Book as Book
    from linefinish.book.provenance import ai_statements as ai_statements
    from linefinish.centrelines.finding import find_strokes as find_strokes
    from linefinish.cleaning.gaps import close_gaps as close_gaps
    from linefinish.cleaning.specks import despeckle as despeckle
    from linefinish.cleaning.strokes import hollow as hollow
    from linefinish.cleaning.strokes import thicken as thicken
    from linefinish.comparing import compare as compare
    from linefinish.data.document import PAGES as PAGES
    from linefinish.data.document import POINTS_PER_UNIT as POINTS_PER_UNIT
    from linefinish.data.document import Document as Document
    from linefinish.data.document import Page as Page
    from linefinish.data.document import compose as compose
    from linefinish.data.geometry import CUBIC as CUBIC
    from linefinish.data.geometry import LINE as LINE
    from linefinish.data.geometry import Curves as Curves
    from linefinish.data.geometry import Paths as Paths
    from linefinish.data.nesting import Outline as Outline
    from linefinish.data.raster import Bitmap as Bitmap
    from linefinish.data.raster import Gray as Gray
    from linefinish.data.raster import Levels as Levels
    from linefinish.data.raster import Separation as Separation
    from linefinish.data.strokes import Stroke as Stroke
    from linefinish.data.strokes import Strokes as Strokes
    from linefinish.delivering import Order as Order
    from linefinish.doubting import doubts as doubts
    from linefinish.errors import ImageError as ImageError
    from linefinish.errors import ImageReadError as ImageReadError
    from linefinish.errors import ImageShapeError as ImageShapeError
    from linefinish.errors import ImageTooLargeError as ImageTooLargeError
    from linefinish.errors import InternalError as InternalError
    from linefinish.errors import LinefinishError as LinefinishError
    from linefinish.errors import OptionsError as OptionsError
    from linefinish.errors import UnknownFormatError as UnknownFormatError
    from linefinish.errors import WriteError as WriteError
    from linefinish.imposition.imposing import Imposed as Imposed
    from linefinish.imposition.imposing import impose as impose
    from linefinish.measuring import Measures as Measures
    from linefinish.measuring import measure as measure
    from linefinish.options import OPTIONS as OPTIONS
    from linefinish.options import FinishOptions as FinishOptions
    from linefinish.options import Option as Option
    from linefinish.outlines.fitting import fit as fit
    from linefinish.outlines.outlining import outline as outline
    from linefinish.outlines.tracing import trace as trace
    from linefinish.pipeline import Finished as Finished
    from linefinish.pipeline import finish as finish
    from linefinish.preflight.checking import UnreadableError as UnreadableError
    from linefinish.preflight.checking import check as check
    from linefinish.preflight.findings import Finding as Finding
    from linefinish.preflight.rules import Printer as Printer
    from linefinish.preflight.rules import read_printers as read_printers
    from linefinish.rasterizing import rasterize as rasterize
    from linefinish.readers.reading import read_gray as read_gray
    from linefinish.rebinding import bind_pages as bind_pages
    from linefinish.rebinding import crop_page as crop_page
    from linefinish.rebinding import picture_page as picture_page
    from linefinish.report import FinishReport as FinishReport
    from linefinish.sheets.finding import find_sheet as find_sheet
    from linefinish.sheets.flattening import flatten as flatten
    from linefinish.sheets.sheet import Sheet as Sheet
    from linefinish.sheets.straightening import Straightened as Straightened
    from linefinish.sheets.straightening import straightened as straightened
    from linefinish.thresholds.separating import separate as separate
    from linefinish.thresholds.separating import threshold as threshold
    from linefinish.verifiers.verdict import Verdict as Verdict
    from linefinish.verifiers.verifying import verify as verify
    from linefinish.writers import write as write

# Where each public name lives. A test holds this table, __all__ and the imports above together.
_HOMES = {
    "batch.finish_many": ("PageResult", "finish_many"),
    "book.cover": ("CoverOrder",),
    "preflight.findings": ("Finding",),
    "book.making": ("Book",),
    "book.provenance": ("ai_statements",),
    "preflight.rules": ("Printer", "read_printers"),
    "centrelines.finding": ("find_strokes",),
    "cleaning.gaps": ("close_gaps",),
    "cleaning.specks": ("despeckle",),
    "cleaning.strokes": ("hollow", "thicken"),
    "comparing": ("compare",),
    "delivering": ("Order",),
    "data.document": ("PAGES", "POINTS_PER_UNIT", "Document", "Page", "compose"),
    "doubting": ("doubts",),
    "errors": (
        "ImageError", "ImageReadError", "ImageShapeError", "ImageTooLargeError", "InternalError", "LinefinishError", "OptionsError",
        "UnknownFormatError", "WriteError",
    ),
    "imposition.imposing": ("Imposed", "impose"),
    "outlines.fitting": ("fit",),
    "data.geometry": ("CUBIC", "LINE", "Curves", "Paths"),
    "data.nesting": ("Outline",),
    "measuring": ("Measures", "measure"),
    "options": ("OPTIONS", "FinishOptions", "Option"),
    "outlines.outlining": ("outline",),
    "pipeline": ("Finished", "finish"),
    "data.raster": ("Bitmap", "Gray", "Levels", "Separation"),
    "data.strokes": ("Stroke", "Strokes"),
    "preflight.checking": ("UnreadableError", "check"),
    "rasterizing": ("rasterize",),
    "readers.reading": ("read_gray",),
    "rebinding": ("bind_pages", "crop_page", "picture_page"),
    "report": ("FinishReport",),
    "sheets.finding": ("find_sheet",),
    "sheets.flattening": ("flatten",),
    "sheets.sheet": ("Sheet",),
    "sheets.straightening": ("Straightened", "straightened"),
    "thresholds.separating": ("separate", "threshold"),
    "outlines.tracing": ("trace",),
    "verifiers.verdict": ("Verdict",),
    "verifiers.verifying": ("verify",),
    "writers": ("write",),
}  # fmt: skip
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [*sorted(("__version__", *_HOME_OF))]  # noqa: PLE0604


if not TYPE_CHECKING:  # a type checker that knows of it takes any name for a public one

    def __getattr__(name):
        """A public name, loaded from its home on first use."""
        home = _HOME_OF.get(name)
        if home is None:
            raise AttributeError(f"module 'linefinish' has no attribute {name!r}")
        value = getattr(__import__(f"linefinish.{home}", fromlist=[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted(__all__)
