"""OpenAI's API: responses, moderations and models. It plans, judges and answers as it is asked to,
and counts tokens.
"""
from __future__ import annotations

import json
import uuid
from collections import deque
from typing import Any

from tests.support.peers.server import Peer, Received, RefusalError, Reply

SCORES = {
    "harassment": 0.001, "harassment/threatening": 0.001, "hate": 0.001, "hate/threatening": 0.001, "illicit": 0.001,
    "illicit/violent": 0.001, "self-harm": 0.001, "self-harm/intent": 0.001, "self-harm/instructions": 0.001, "sexual": 0.001,
    "sexual/minors": 0.0001, "violence": 0.01, "violence/graphic": 0.001,
}  # fmt: skip
SCENES = (
    "A hedgehog in rubber boots jumps into a puddle beside a garden fence, seen from the side",
    "Two otters paddle a small wooden boat across a pond between water lilies, seen from above",
    "A bear bakes round biscuits at a low table in a cosy forest kitchen, seen from the front",
    "A fox reads a large book under a tall oak tree while three birds listen on a branch",
)


class OpenAIPeer(Peer):
    """OpenAI.

    texts      what the next responses say, instead of what their schema asks for
    verdicts   what the judge says next where that differs from "a good page": {"steampunk": True}
    shapes     how the next responses come: "refusal", "incomplete", "content_filter",
               "failed:<code>", "phases", "no_usage", "empty"
    flags      word → (category, score): what moderation thinks of texts with that word
    """

    def __init__(self) -> None:
        super().__init__()
        self.texts: deque[str] = deque()
        self.verdicts: deque[dict[str, bool]] = deque()
        self.shapes: deque[str] = deque()
        self.flags: dict[str, tuple[str, float]] = {}
        self.missing_scores: set[str] = set()
        self.billed: dict[str, dict[str, Any]] = {}

    def route(self, method: str, path: str) -> str:
        return {
            ("POST", "/v1/responses"): "responses", ("POST", "/v1/moderations"): "moderations", ("GET", "/v1/models"): "models",
        }.get((method, path), "unknown")  # fmt: skip

    def unauthorized(self) -> Any:
        return _error("Incorrect API key provided: key-**********ests.", "invalid_request_error", "invalid_api_key")

    def work(self, request: Received) -> Reply:
        if request.route == "responses":
            return self._respond(request.json)
        if request.route == "moderations":
            return self._moderate(request.json)
        if request.route == "models":
            return Reply(200, {"object": "list", "data": [{"id": "gpt-6-luna", "object": "model", "created": 1, "owned_by": "openai"}]})
        raise RefusalError(404, _error("Invalid URL", "invalid_request_error"))

    # ── responses ─────────────────────────────────────────────────────────────────────────────────

    def _respond(self, body: Any) -> Reply:
        if not body.get("model", "").startswith("gpt-6"):
            raise RefusalError(404, _error(f"The model `{body.get('model')}` does not exist", "invalid_request_error", "model_not_found"))
        form = body["text"]["format"]
        if form.get("type") != "json_schema" or not form.get("strict") or not _strict(form["schema"]):
            raise RefusalError(400, _error("Invalid schema for response_format", "invalid_request_error", "invalid_json_schema"))
        if body.get("store") is not False or "max_output_tokens" not in body:
            raise RefusalError(400, _error("these tests keep nothing and bound everything", "invalid_request_error"))
        shape = self.shapes.popleft() if self.shapes else ""
        text = self.texts.popleft() if self.texts else self._say(form["name"], body)
        return Reply(200, self._response(body, text, shape))

    def _say(self, name: str, body: Any) -> str:
        parts = body["input"][0]["content"]
        words = parts[0]["text"]
        if name == "book_plan":
            order = json.loads(words)
            earlier = len(order.get("earlier_pages", []))
            numbers = range(earlier + 1, earlier + order["pages"] + 1)
            pages = [{"title": f"Page {number}", "prompt": f"{SCENES[number % len(SCENES)]}, scene {number}"} for number in numbers]
            return json.dumps({"title": "A Book of Friends", "style": "bold even outlines, round simple shapes", "pages": pages})
        if name == "page_check":
            [picture] = [part for part in parts if part["type"] == "input_image"]
            assert picture["image_url"].startswith("data:image/png;base64,") and picture["detail"] == "low"
            good = {"outlines": True, "subject": True}
            names = body["text"]["format"]["schema"]["required"]
            verdict = self.verdicts.popleft() if self.verdicts else {}
            return json.dumps({check: verdict.get(check, good.get(check, False)) for check in names})
        known = "margin" in words.lower() or "kdp" in words.lower()
        return json.dumps({"known": known, "answer": "0.375 in up to 150 pages." if known else ""})

    def _response(self, body: Any, text: str, shape: str) -> Any:
        identity = f"resp_{uuid.uuid4().hex}"
        content: list[Any] = [{"type": "output_text", "text": text, "annotations": []}]
        status, details, error = "completed", None, None
        output_tokens = max(1, len(text) // 4)
        if shape == "refusal":
            content = [{"type": "refusal", "refusal": "I can't help with that."}]
        elif shape == "incomplete":
            status, details, output_tokens = "incomplete", {"reason": "max_output_tokens"}, body["max_output_tokens"]
            content[0]["text"] = text[: len(text) // 2]
        elif shape == "content_filter":
            status, details, content = "incomplete", {"reason": "content_filter"}, []
        elif shape == "empty":
            content = []
        elif shape.startswith("failed:"):
            status, error, content = "failed", {"code": shape[7:], "message": "It did not work."}, []
        messages = [_message(content)] if content else []
        if shape == "phases":
            commentary = _message([{"type": "output_text", "text": "Let me look at the page.", "annotations": []}], "commentary")
            messages = [_reasoning(), commentary, _message(content, "final_answer")]
        usage = {
            "input_tokens": 1200, "output_tokens": output_tokens, "total_tokens": 1200 + output_tokens,
            "input_tokens_details": {"cached_tokens": 200, "cache_write_tokens": 100},
            "output_tokens_details": {"reasoning_tokens": 0},
        }  # fmt: skip
        told = None if shape == "no_usage" or status == "failed" else usage
        if status != "failed":
            self.billed[identity] = usage
        return {
            "id": identity, "object": "response", "created_at": 1_764_000_000, "status": status, "error": error,
            "incomplete_details": details, "instructions": None, "model": body["model"], "output": messages, "parallel_tool_calls": True,
            "tool_choice": "auto", "tools": [], "usage": told, "metadata": {}, "service_tier": "default",
        }  # fmt: skip

    # ── moderations ───────────────────────────────────────────────────────────────────────────────

    def _moderate(self, body: Any) -> Reply:
        results = []
        for text in body["input"]:
            scores = {name: score for name, score in SCORES.items() if name not in self.missing_scores}
            for word, (category, score) in self.flags.items():
                if word in text.lower():
                    scores[category] = score
            results.append({
                "flagged": any(score > 0.5 for score in scores.values()), "category_scores": scores,
                "categories": {name: score > 0.5 for name, score in scores.items()},
                "category_applied_input_types": {name: ["text"] for name in scores},
            })  # fmt: skip
        return Reply(200, {"id": f"modr-{uuid.uuid4().hex}", "model": body["model"], "results": results})


def _error(message: str, kind: str, code: str | None = None) -> Any:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def _message(content: list[Any], phase: str | None = None) -> Any:
    message = {"id": f"msg_{uuid.uuid4().hex}", "type": "message", "role": "assistant", "status": "completed", "content": content}
    return {**message, "phase": phase} if phase else message


def _reasoning() -> Any:
    return {"id": f"rs_{uuid.uuid4().hex}", "type": "reasoning", "summary": []}


def _strict(schema: Any) -> bool:
    """Strict mode's rules: every object closed, every property required."""
    if schema["type"] == "array":
        return _strict(schema["items"])
    if schema["type"] != "object":
        return True
    closed = schema.get("additionalProperties") is False and set(schema["required"]) == set(schema["properties"])
    return closed and all(_strict(part) for part in schema["properties"].values())
