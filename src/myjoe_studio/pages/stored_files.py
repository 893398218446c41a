"""Files of a folder, by the links that we signed. Whoever has a link may read."""
from __future__ import annotations

from starlette.responses import Response

from myjoe.errors import StorageError
from myjoe_studio.routing import Pages, Who
from myjoe_studio.visiting import NOT_HERE, RefusalError, Visit

pages = Pages()
RUN_OUT = "This link is no longer good. Go back to the book, and take the file again."


@pages.get("/files/{key:path}", Who.VISITOR)
async def serve(visit: Visit) -> Response:
    """The file, or a part of it where the browser asks for one."""
    if not visit.parts.files.served_here:
        raise RefusalError(404, NOT_HERE)
    try:
        answer = visit.parts.files.served(visit.request.path_params["key"], visit.request.query_params)
    except StorageError as error:
        raise RefusalError(404, RUN_OUT, way_out=("Your books", "/runs")) from error
    return answer
