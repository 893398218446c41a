"""`report.json`: the whole story of a batch, in its output folder."""
from __future__ import annotations

import os

from linefinish import __version__
from linefinish.writers import replace_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from linefinish.batch.finish_many import PageResult

REPORT_NAME = "report.json"
# How a report begins: by this, `linefinish verify done/*` knows that it is no drawing.
_BEGINNING = b'{\n "linefinish batch": '


def write_report(results: list[PageResult], pages: int, folder: str) -> None:
    """Write what became of each page, whether the batch came to its end or not; `pages` is how many
    it had.
    """
    import json

    statuses = [result.status for result in results]
    mapping = {
        "linefinish batch": __version__,
        "pages": pages,
        **{status: statuses.count(status) for status in ("done", "kept", "failed")},
        "warned": sum(bool(result.report and result.report.get("warnings")) for result in results),
        "results": [result.to_mapping() for result in results],
    }
    replace_file([json.dumps(mapping, indent=1).encode(), b"\n"], os.path.join(folder, REPORT_NAME))


def is_batch_report(path: str) -> bool:
    """Whether a file is such a report."""
    try:
        with open(path, "rb") as file:
            return os.path.basename(path) == REPORT_NAME and file.read(len(_BEGINNING)) == _BEGINNING
    except OSError:
        return False
