"""What the site is made of besides the pages: their order, and what GitHub's Markdown allows and
MkDocs' does not. MkDocs calls the functions named `on_…`; mkdocs.yml names this file.
"""
from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

# The five kinds, and what stands first in each. Pages that are not named here follow by name, so a
# new page needs no entry.
KINDS = {
    "Start": ("start", ["concepts", "drawing", "programming", "running", "first-book"]),
    "Guides": ("guides", [
        "from-a-scan", "from-a-photograph", "from-a-cartoon", "for-a-plotter", "book-for-a-printer", "shop-pack", "booklet-at-home",
        "coming-from", "first-deploy", "credits-plans-refunds", "provider-keys",
    ]),
    "Reference": ("reference", ["cli", "api", "myjoe", "settings", "events", "metrics", "errors", "addresses", "schema", "providers"]),
    "Discussion": ("discussion", [
        "architecture", "algorithms", "algorithms/reading", "algorithms/sheet", "algorithms/thresholding", "algorithms/cleaning",
        "algorithms/tracing", "algorithms/centrelines",
        "algorithms/strokes", "algorithms/output", "algorithms/verify", "algorithms/real-pages",
        "job-lifecycle", "database", "worker",
        "benchmarks", "method", "limits",
    ]),
    "Operating": ("operating", ["README", "worker", "studio"]),
}  # fmt: skip
# Pages that lie beside docs/ in the repository and are pages of the site, too.
OUTSIDE = {"CHANGELOG.md": "changelog.md"}

# What the theme asks for where pages are opened as files.
FOREIGN_WORKER = "https://unpkg.com/iframe-worker/shim"

SEARCH = 'data-md-component="search" role="dialog"'

LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:|#|mailto:)([^)#\s]+)(#[^)\s]*)?\)")
ITEM = re.compile(r"(\d+\.|[-*]) ")


def on_config(config: Any) -> Any:
    """The navigation: the five kinds and the words."""
    docs = Path(config.docs_dir)
    nav: list[dict[str, Any]] = [{"My Joe": "README.md"}]
    for title, (folder, first) in KINDS.items():
        there = sorted(str(path.relative_to(docs / folder).with_suffix("")) for path in (docs / folder).rglob("*.md"))
        names = [name for name in first if name in there] + [name for name in there if name not in first]
        nav.append({title: [f"{folder}/{name}.md" for name in names]})
    config.nav = [*nav, {"Words": "words.md"}, {"Changes": "changelog.md"}]
    return config


def on_files(files: Any, config: Any) -> Any:
    """Pages from beside docs/."""
    from mkdocs.structure.files import File

    for source, page in OUTSIDE.items():
        files.append(File.generated(config, page, abs_src_path=str(Path(config.docs_dir).parent / source)))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """The page as MkDocs reads it."""
    return linked(listed(markdown), page.file.src_uri, {file.src_uri for file in files}, config.repo_url)


def listed(markdown: str) -> str:
    """Blocks as Python-Markdown wants them: an empty line before a list, around a block of code,
    and four columns before what belongs to an item.
    """
    lines: list[str] = []
    in_list = in_code = False
    for line in markdown.splitlines():
        indented = line.startswith(("  ", "\t"))
        fence = line.lstrip().startswith("```")
        if not in_code and not indented and line:
            begins = bool(ITEM.match(line))
            if begins and not in_list and lines and lines[-1]:
                lines.append("")
            in_list = begins or (in_list and bool(lines and lines[-1]))
        if in_list and (indented or (in_code and line)):
            spaces = len(line) - len(line.lstrip(" "))
            line = " " * (4 if spaces < 4 and not in_code else spaces + (1 if in_code else 0)) + line.lstrip(" ")
        if fence and not in_code and lines and lines[-1]:
            lines.append("")
        lines.append(line)
        if fence:
            in_code = not in_code
            if not in_code:
                lines.append("")
    return "\n".join(lines) + "\n"


def linked(markdown: str, source: str, pages: set[str], repository: str | None) -> str:
    """What leads out of docs/ leads to the repository; where its address is unknown, it is text."""
    root = Path(__file__).parents[2]
    # A page from beside docs/ has its links from there.
    folder = "" if source in OUTSIDE.values() else posixpath.join("docs", posixpath.dirname(source))

    def lead(match: re.Match[str]) -> str:
        image, text, target, anchor = match.groups(default="")
        path = posixpath.normpath(posixpath.join(folder, target))
        page = OUTSIDE.get(path, path.removeprefix("docs/"))
        if page in pages:
            return f"{image}[{text}]({posixpath.relpath(page, posixpath.dirname(source) or '.')}{anchor})"
        if (root / path).exists():
            return f"[{text}]({repository}/blob/HEAD/{path}{anchor})" if repository else text
        return match.group()  # for MkDocs to find fault with

    return LINK.sub(lead, markdown)


def on_post_page(output: str, page: Any, config: Any) -> str:
    """Where pages are opened as files, the theme takes a stand-in for workers from elsewhere; ours
    is here. And its dialog of the search has no name.
    """
    ours = posixpath.relpath("site/file-worker.js", posixpath.dirname(page.url) or ".")
    return output.replace(FOREIGN_WORKER, ours).replace(SEARCH, f'{SEARCH} aria-label="Search"')


def on_post_template(output: str, template_name: str, config: Any) -> str:
    """The page of an address that does not exist, which may stand in for any folder's."""
    return output.replace(FOREIGN_WORKER, "/site/file-worker.js")


def on_page_content(html: str, page: Any, config: Any, files: Any) -> str:
    """The corner of a table that has no word is no heading."""
    return re.sub(r"<th[^>]*></th>", "<td></td>", html)
