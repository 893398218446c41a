"""The first page, and the live try: by its address, with hostile files, by hand in a browser."""
from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
import resvg_py
from playwright.sync_api import expect

from linefinish import FinishOptions, OptionsError, finish, read_gray, verify
from myjoe_studio.pages.landing import FOCAL_MM_MAX, FOCAL_MM_MIN, SAMPLE, TRIES_AN_HOUR, TRY_BYTES_MAX
from myjoe_studio.trying import child
from myjoe_studio.trying.running import BUSY, NO_PICTURE, Tryer
from myjoe_studio.trying.telling import AS_ASKED, CUT_OUT
from tests.myjoe_studio.trying.pictures import NO_PICTURES, drawing, encoded, photographed, sideways, with_lens
from tests.support.browser import Visitors
from tests.support.studio import Site

PAGES = resources.files("myjoe_studio") / "static" / "pages"
SCRIPT = {"accept": "application/json"}
PICTURE = {"picture": ("drawing.png", encoded(drawing()), "image/png")}


@cache
def photo_file() -> bytes:
    """A photographed sheet with a thing on one of its corners."""
    return encoded(photographed(hidden=True), "JPEG")


# ── what it says ──────────────────────────────────────────────────────────────────────────────────


def test_a_visitor_reads_what_it_is_and_what_it_costs(lasting_site: Site) -> None:
    page = lasting_site.visitor().get("/").text
    for words in ("Describe a colouring book. Joe draws it.", "$9.99", "$29.99", "$59.99", "115 credits", "Draw 10 pages free"):
        assert words in page
    assert "Google" not in page


def test_prices_are_those_of_the_database(site: Site) -> None:
    site.database.run("update public.plans set price_micro_usd_month = 12500000, label = 'Little' where code = 'lite'")
    site.database.run("update public.plans set on_sale = false where code = 'max'")
    page = site.visitor().get("/").text
    assert "$12.50" in page
    assert "Choose Little" in page
    assert "$59.99" not in page


def test_a_user_goes_to_their_studio(lasting_site: Site) -> None:
    page = lasting_site.visitor(lasting_site.database.user(credits_half=231)).get("/").text
    assert "Go to your studio" in page
    assert "Draw 10 pages free" not in page


def test_whom_google_did_not_sign_in_is_told(lasting_site: Site) -> None:
    page = lasting_site.visitor().get("/?error=access_denied&error_description=<b>").text
    assert "Signing in with Google was declined" in page
    assert "<b>" not in page.split("</head>")[1].split("<h1>")[0]


def test_the_sample_is_what_it_says() -> None:
    shown = (PAGES / "owl.svg").read_text()
    # Each curve is a closed path.
    assert shown.count("z") == SAMPLE["curves"]
    drawn = resvg_py.svg_to_bytes(svg_string=shown, width=2 * SAMPLE["width"], background="white", skip_system_fonts=True)
    # Slivers between lines come and go with the resolution.
    assert finish(read_gray(bytes(drawn))).report.regions == pytest.approx(SAMPLE["areas"], rel=0.05)
    tried = child.finished((PAGES / "owl-before.webp").read_bytes())
    assert (tried["width"], tried["height"], tried["grays_before"]) == (SAMPLE["width"], SAMPLE["height"], SAMPLE["grays_before"])


def test_a_visitor_gets_the_same_of_the_same_picture() -> None:
    tried = child.finished((PAGES / "owl-before.webp").read_bytes())
    ink = [
        np.asarray(finish(read_gray(bytes(resvg_py.svg_to_bytes(svg_string=svg, background="white", skip_system_fonts=True)))).bitmap)
        for svg in (tried["svg"], (PAGES / "owl.svg").read_text())
    ]
    # Newer versions may place an edge otherwise; `make docs` draws the sample anew.
    assert (ink[0] != ink[1]).mean() < 0.01


def test_our_own_pages_are_black_and_white() -> None:
    drawings = [file for file in PAGES.iterdir() if file.name.endswith(".svg")]
    assert len(drawings) == 8
    assert [file.name for file in drawings if not verify(file.read_bytes()).is_one_bit] == []


# ── the try, by its address ───────────────────────────────────────────────────────────────────────


def test_a_script_gets_the_drawing_and_its_figures(lasting_site: Site) -> None:
    answer = lasting_site.visitor().post("/try", files=PICTURE, headers=SCRIPT)
    assert answer.status_code == 200
    tried = answer.json()
    assert (tried["width"], tried["height"], tried["curves"], tried["areas"], tried["grays_before"]) == (600, 400, 4, 2, 240_000)
    assert verify(tried["svg"].encode()).is_one_bit


def test_without_script_there_is_a_page_with_the_svg_to_take(lasting_site: Site) -> None:
    page = lasting_site.visitor().post("/try", files=PICTURE).text
    assert "<b>4</b> curves" in page
    assert "<s>240,000</s> <b>0</b> grey pixels" in page
    assert 'download="lines.svg" href="data:image/svg+xml;base64,' in page


def test_of_a_photographed_drawing_the_sheet_is_drawn_and_that_is_told(lasting_site: Site) -> None:
    visitor, photo = lasting_site.visitor(), {"picture": ("photo.jpg", photo_file(), "image/jpeg")}
    tried = visitor.post("/try", files=photo, headers=SCRIPT).json()
    assert tried["cut"] and tried["told"][0].startswith(CUT_OUT)
    assert "The sheet's lower right corner is hidden; it was placed where its sides meet." in tried["told"]
    whole = visitor.post("/try", files=photo, data={"whole": "on"}, headers=SCRIPT).json()
    assert (whole["cut"], whole["told"], whole["width"], whole["height"]) == (False, [AS_ASKED], 600, 800)


def test_what_is_no_photograph_is_drawn_to_the_byte_as_the_whole_is(lasting_site: Site) -> None:
    visitor = lasting_site.visitor()
    tried, whole = (visitor.post("/try", files=PICTURE, data=data, headers=SCRIPT).json() for data in ({}, {"whole": "on"}))
    assert tried["svg"] == whole["svg"]
    assert not tried["cut"] and tried["told"][0].startswith("No sheet was found")


@pytest.mark.parametrize(("focal", "assumed"), [("28", False), ("", True), ("9999", True), ("²8", True)])
def test_a_script_tells_of_the_lens_and_nonsense_is_ignored(lasting_site: Site, focal: str, assumed: bool) -> None:
    photo = {"picture": ("photo.jpg", photo_file(), "image/jpeg")}
    told = lasting_site.visitor().post("/try", files=photo, data={"focal": focal}, headers=SCRIPT).json()["told"]
    assert told[0].startswith(CUT_OUT) and any("assumed" in sentence for sentence in told) == assumed


def test_the_lenses_are_those_that_the_library_takes() -> None:
    for focal_mm in (FOCAL_MM_MIN, FOCAL_MM_MAX):
        assert FinishOptions(sheet_focal=focal_mm).sheet_focal == focal_mm
    for focal_mm in (FOCAL_MM_MIN - 1, FOCAL_MM_MAX + 1):
        with pytest.raises(OptionsError):
            FinishOptions(sheet_focal=focal_mm)


@pytest.mark.parametrize("name", NO_PICTURES)
def test_what_is_no_picture_is_refused_in_a_sentence(site: Site, name: str) -> None:
    answer = site.visitor().post("/try", files={"picture": ("drawing.png", NO_PICTURES[name], "image/png")}, headers=SCRIPT)
    assert (answer.status_code, answer.json()["error"]) == (422, NO_PICTURE.sentence)


def test_its_sentence_is_that_of_the_design() -> None:
    assert NO_PICTURE.sentence == "That file is no picture we can read. PNG, JPEG or WebP, up to 4 megapixels."
    assert BUSY.sentence == "Many people try this just now. Again in a minute, please."


@pytest.mark.parametrize("form", [{}, {"data": {"picture": "a text"}}, {"files": {"other": ("a.png", b"x", "image/png")}}])
def test_a_form_without_a_file_is_refused(lasting_site: Site, form: dict[str, object]) -> None:
    answer = lasting_site.visitor().post("/try", headers=SCRIPT, **form)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["error"]) == (422, NO_PICTURE.sentence)


def test_a_file_that_is_too_long_is_not_read_to_its_end(lasting_site: Site) -> None:
    answer = lasting_site.visitor().post("/try", files={"picture": ("a.png", bytes(TRY_BYTES_MAX + 1), "image/png")}, headers=SCRIPT)
    assert answer.status_code == 413


def test_when_many_try_it_the_others_are_asked_to_wait(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def busy(_tryer: Tryer, _content: bytes, *, whole: bool, focal_mm: float | None) -> None:
        raise BUSY

    monkeypatch.setattr(Tryer, "finish", busy)
    answer = site.visitor().post("/try", files=PICTURE, headers=SCRIPT)
    assert (answer.status_code, answer.json()["error"], answer.headers["retry-after"]) == (503, BUSY.sentence, "60")


def test_an_address_has_so_many_tries_an_hour(site: Site) -> None:
    visitor = site.visitor()
    for _ in range(TRIES_AN_HOUR):
        assert visitor.post("/try", headers=SCRIPT).status_code == 422
    answer = site.visitor().post("/try", files=PICTURE, headers=SCRIPT)
    assert answer.status_code == 429
    assert "20 pictures an hour" in answer.json()["error"]


def test_nothing_is_kept(site: Site) -> None:
    site.visitor().post("/try", files=PICTURE, headers=SCRIPT)
    kept = [path for path in Path(site.settings.home).rglob("*") if path.is_file() and path.name != "studio-secret"]
    assert kept == []


# ── in a browser ──────────────────────────────────────────────────────────────────────────────────


def test_a_picture_is_tried_and_its_drawing_taken(visitors: Visitors) -> None:
    page = visitors()
    page.goto("/")
    page.set_input_files("#picture", {"name": "large.png", "mimeType": "image/png", "buffer": encoded(drawing(3000, 2000))})
    figures = page.locator("line-demo .figures")
    # Scaled to 1600 by 1067 pixels before it was sent.
    expect(figures).to_contain_text("4 curves")
    expect(page.locator(".before")).to_have_attribute("width", "1600")
    with page.expect_download() as taken:
        page.get_by_role("link", name="Take the SVG").click()
    assert taken.value.suggested_filename == "lines.svg"
    assert verify(taken.value.path().read_bytes()).is_one_bit
    assert visitors.complaints == []


def test_a_photographed_drawing_is_cut_out_and_the_whole_is_a_click_away(visitors: Visitors) -> None:
    page = visitors()
    page.goto("/")
    # As a phone takes it, 12 megapixels, which the browser makes smaller.
    photo = with_lens(photographed(times=5), 28)
    page.set_input_files("#picture", {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": photo})
    told, after = page.locator("line-demo .told"), page.locator(".after")
    expect(told).to_contain_text(CUT_OUT)
    expect(told).not_to_contain_text("assumed")  # the smaller copy states no lens; the script told of it
    # What is shown before is the sheet, not the desk.
    assert after.evaluate("(image) => image.width / image.height") == pytest.approx(
        page.locator(".before").evaluate("async (image) => (await image.decode(), image.naturalWidth / image.naturalHeight)"), rel=0.01
    )
    page.get_by_label("Use the whole picture").check()
    expect(told).to_have_text(AS_ASKED)
    expect(after).to_have_attribute("width", "1200")
    page.get_by_label("Use the whole picture").uncheck()
    expect(told).to_contain_text(CUT_OUT)
    assert visitors.complaints == []


def test_a_photograph_stands_upright(visitors: Visitors) -> None:
    page = visitors()
    page.goto("/")
    page.set_input_files("#picture", {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": sideways(600, 400)})
    expect(page.locator(".after")).to_have_attribute("width", "400")


def test_what_is_no_picture_is_said_in_place(visitors: Visitors) -> None:
    page = visitors()
    page.goto("/")
    page.set_input_files("#picture", {"name": "a.png", "mimeType": "image/png", "buffer": b"What a picture!"})
    expect(page.locator("line-demo .figures")).to_have_text(NO_PICTURE.sentence)
    # The sample is still there, and so is the field.
    expect(page.locator("#picture")).to_be_enabled()


def test_offline_is_said_and_can_be_tried_again(visitors: Visitors) -> None:
    page = visitors()
    page.goto("/")
    file = {"name": "a.png", "mimeType": "image/png", "buffer": encoded(drawing())}
    page.context.set_offline(True)
    page.set_input_files("#picture", file)  # type: ignore[arg-type]
    expect(page.locator("line-demo .figures")).to_contain_text("Are you online?")
    page.context.set_offline(False)
    page.set_input_files("#picture", file)  # type: ignore[arg-type]
    expect(page.locator("line-demo .figures")).to_contain_text("4 curves")


def test_the_divider_moves_by_keyboard_and_by_mouse(lasting_visitors: Visitors) -> None:
    page = lasting_visitors()
    page.goto("/")
    divider = page.get_by_label("Divider between before and after")
    divider.focus()
    page.keyboard.press("ArrowRight")
    expect(divider).to_have_value("51")
    box = page.locator(".stage").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + 60, steps=4)
    page.mouse.up()
    expect(divider).to_have_value("25")
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    expect(divider).to_have_value("25")
    assert page.locator(".stage").evaluate("(stage) => getComputedStyle(stage).getPropertyValue('--at')") == "25%"


def test_the_divider_moves_by_a_finger(lasting_visitors: Visitors) -> None:
    page = lasting_visitors(width=390, touch=True)
    page.goto("/")
    stage = page.locator(".stage")
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    assert box is not None
    page.touchscreen.tap(box["x"] + 0.75 * box["width"], box["y"] + 50)
    expect(page.get_by_label("Divider between before and after")).to_have_value("75")


def test_without_script_it_is_a_form(visitors: Visitors) -> None:
    page = visitors(script=False)
    page.goto("/")
    page.set_input_files("#picture", {"name": "a.png", "mimeType": "image/png", "buffer": encoded(drawing())})
    page.get_by_role("button", name="Finish it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Here are your lines.")
    assert page.locator(".sheet img").evaluate("(image) => image.naturalWidth") == 600
    page.get_by_role("link", name="Try another").click()
    expect(page).to_have_url("/#try")


def test_without_script_the_whole_picture_is_a_link_and_a_box(visitors: Visitors) -> None:
    page = visitors(script=False)
    page.goto("/")
    photo = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": photo_file()}
    page.set_input_files("#picture", photo)  # type: ignore[arg-type]
    page.get_by_role("button", name="Finish it").click()
    expect(page.locator(".told")).to_contain_text(CUT_OUT)
    expect(page.locator(".told")).to_contain_text("corner is hidden")
    page.get_by_role("link", name="Use the whole picture").click()
    expect(page.get_by_label("Use the whole picture")).to_be_checked()
    page.set_input_files("#picture", photo)  # type: ignore[arg-type]
    page.get_by_role("button", name="Finish it").click()
    expect(page.locator(".told")).to_have_text(AS_ASKED)
    assert page.locator(".sheet img").evaluate("(image) => [image.naturalWidth, image.naturalHeight]") == [600, 800]
