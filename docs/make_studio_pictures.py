"""Write the pictures of the Studio: a real one, with a real worker behind it, as a browser shows
it. They are in docs/images, for README.md and docs/start.
"""
from __future__ import annotations

import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
IMAGES = ROOT / "docs" / "images"
WIDTH_PX, HEIGHT_PX = 1200, 800
# Colours of a picture: the Studio has few, and fewer make the file smaller.
COLOURS = 64


def main() -> None:
    """Order a book of eight pages, have it drawn, and take the pictures."""
    from tests.database import support
    from tests.support.browser import running_chromium
    from tests.support.studio import serving
    from tests.support.working import ordered, planned, work

    folder = Path(tempfile.mkdtemp(prefix="mjd"))
    folder.chmod(0o755)
    try:
        with support.running_server(18, fsync="off") as server:
            support.make_template(server)
            support.make_database(server, "pictures", "template_myjoe")
            database = support.Database(server, "pictures")
            with serving(database, folder) as site:
                user = database.user("pro", credits_half=230)
                visitor = site.visitor(user)
                book = {"description": "A cat, an owl and a lighthouse by the sea", "pages": "8"}
                pages = {"studio-landing": "/", "studio-storyboard": planned(visitor, **book), "studio-run": ordered(visitor, **book)}
                work(site)
                with running_chromium() as chromium, chromium.in_use() as browser:
                    for name, address in pages.items():
                        context = browser.new_context(viewport={"width": WIDTH_PX, "height": HEIGHT_PX}, color_scheme="light")
                        if name != "studio-landing":
                            context.add_cookies([{"name": "myjoe", "value": site.session(user), "url": site.address}])
                        page = context.new_page()
                        page.goto(f"{site.address}{address}")
                        page.wait_for_function("[...document.images].every(image => image.loading == 'lazy' || image.complete)")
                        with Image.open(io.BytesIO(page.screenshot())) as taken:
                            taken.convert("RGB").quantize(COLOURS).save(IMAGES / f"{name}.png", optimize=True)
                        print(IMAGES / f"{name}.png")
                        context.close()
            database.close()
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
