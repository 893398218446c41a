"""Recraft's API: it answers when the work is done, and says what it has cost."""
from __future__ import annotations

import base64
import io
import re
import time
import uuid
from collections import deque
from typing import Any

from PIL import Image

from tests.support.peers import pictures
from tests.support.peers.server import Peer, Received, RefusalError, Reply

CREDITS = {
    "recraftv4_1_flash": 7, "recraftv4_1": 35, "recraftv4_1_utility": 35, "recraftv4_1_pro": 210, "recraftv4_1_utility_pro": 210,
    "recraftv4_1_vector": 80, "recraftv4_1_utility_vector": 80, "recraftv4": 40, "recraftv4_vector": 80, "recraftv4_pro": 250,
    "recraftv3": 40, "recraftv3_vector": 80, "recraftv2": 22, "recraftv2_vector": 44,
}  # fmt: skip
SIZES = frozenset({
    "1024x1024", "1536x768", "768x1536", "1280x832", "832x1280", "1216x896", "896x1216", "1152x896", "896x1152", "832x1344", "1280x896",
    "896x1280", "1344x768", "768x1344",
})  # fmt: skip
SHAPE = re.compile(r"\d+:\d+")


class RecraftPeer(Peer):
    """Recraft.

    work_seconds  how long an answer takes
    pictures      what the next pictures are, by kind (see `pictures.of_kind`), or "none" for an
                  empty list, "text" for no base64
    """

    def __init__(self, *, work_seconds: float = 0.0) -> None:
        super().__init__()
        self.work_seconds = work_seconds
        self.pictures: deque[str] = deque()
        self.billed: list[int] = []
        self.with_credits = True

    def route(self, method: str, path: str) -> str:
        return {
            ("POST", "/v1/images/generations"): "draw", ("POST", "/v1/images/crispUpscale"): "upscale", ("GET", "/v1/users/me"): "account",
        }.get((method, path), "unknown")  # fmt: skip

    def delay(self, request: Received) -> None:
        time.sleep(self.work_seconds)

    def work(self, request: Received) -> Reply:
        if request.route == "account":
            return Reply(200, {"id": "u1", "email": "ops@example.org", "credits": 12_345})
        if request.route == "unknown":
            raise RefusalError(404, {"code": "not_found", "message": "no such route"})
        body = request.json
        return self._draw(body) if request.route == "draw" else self._upscale(body)

    def _draw(self, body: Any) -> Reply:
        model = body.get("model", "recraftv4_1")
        self._check(model, body)
        kind = self.pictures.popleft() if self.pictures else "svg" if model.endswith("_vector") else "png"
        if kind == "none":
            return Reply(200, self._told({"created": 1748140800, "data": []}, 0))
        pixels = [int(side) for side in body["size"].split("x")] if "x" in body["size"] else [896, 1216]
        image = self._image(pictures.of_kind(kind, *pixels, seed=body.get("random_seed", 1)) if kind != "text" else None)
        return Reply(200, self._told({"created": 1748140800, "data": [image]}, CREDITS.get(model, 35)))

    def _check(self, model: str, body: Any) -> None:
        old = model.startswith(("recraftv2", "recraftv3"))
        prompt = body.get("prompt", "")
        if model not in CREDITS:
            self._refuse(f"unknown model: {model}")
        if not prompt or len(prompt) > (1_000 if old else 10_000):
            self._refuse("prompt is empty or too long")
        if not old and {"style", "style_id", "negative_prompt"} & set(body):
            self._refuse("style and negative_prompt are not supported by this model")
        double = {"x".join(str(int(side) * 2) for side in size.split("x")) for size in SIZES}
        sizes = double if "_pro" in model else SIZES
        if not SHAPE.fullmatch(body["size"]) and (model.endswith("_vector") or body["size"] not in sizes):
            self._refuse(f"size {body['size']} is not supported by this model")
        if body.get("response_format") != "b64_json":
            self._refuse("these tests fetch nothing from elsewhere")

    def _upscale(self, body: Any) -> Reply:
        kind = self.pictures.popleft() if self.pictures else "png"
        match = re.fullmatch(r"data:image/(png|jpeg|webp);base64,(.+)", body.get("image", ""))
        if match is None:
            self._refuse("image is no data URL")
        content = base64.b64decode(match[2])
        with Image.open(io.BytesIO(content)) as image:
            size = image.size
            large = image.resize((size[0] * 2, size[1] * 2), Image.Resampling.BICUBIC)
        if len(content) >= 10_000_000 or size[0] * size[1] > 16_000_000 or not all(32 <= side <= 4096 for side in size):
            self._refuse("image is too large or too small")
        made = pictures.encoded(large, "PNG") if kind == "png" else pictures.of_kind(kind)
        return Reply(200, self._told({"image": self._image(made)}, 4))

    def _image(self, content: bytes | None) -> Any:
        text = "this is no base64!" if content is None else base64.b64encode(content).decode()
        return {"image_id": str(uuid.uuid4()), "b64_json": text, "revised_prompt": ""}

    def _told(self, body: Any, credits: int) -> Any:
        self.billed.append(credits)
        return {**body, "credits": credits} if self.with_credits else body

    def _refuse(self, words: str) -> Any:
        raise RefusalError(400, {"code": "bad_request", "message": words})
