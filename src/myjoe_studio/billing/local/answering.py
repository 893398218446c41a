"""What a Stripe of one's own answers to requests, route by route."""
from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from myjoe_studio.billing.local.objects import Object, Objects, copied

Params = dict[str, Any]
# Sessions of a checkout and of the portal are paid and left at this address; {id} is theirs.
PAY_AT = "/dev/pay?session={id}"
MANAGE_AT = "/dev/pay?portal={id}"


class RefusalError(Exception):
    """A request that Stripe would not take: the status and the code of its error."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.body = status, {"error": {"type": _type(status, code), "code": code, "message": message}}


class Answers:
    """Answers requests about `objects`. `address` is where its pages for buyers are."""

    def __init__(self, objects: Objects, address: str) -> None:
        self._objects, self._address = objects, address
        # What was answered to a key, and to which request: the same again gets the same.
        self._keys: dict[str, tuple[str, Params, Object]] = {}

    def answer(self, method: str, path: str, query: str, idempotency_key: str | None = None) -> tuple[int, Object]:
        """The status and the object for a request; `query` is the form or the address's query."""
        params = read_params(query)
        try:
            if idempotency_key in self._keys and method == "POST":
                before, asked, answered = self._keys[idempotency_key]
                if (before, asked) != (path, params):
                    raise RefusalError(400, "idempotency_key_in_use", "This key was used for another request.")
                return 200, answered
            answered = self._route(method, path)(params)
            if idempotency_key is not None and method == "POST":
                self._keys[idempotency_key] = (path, params, copied(answered))
            return 200, answered
        except RefusalError as refusal:
            return refusal.status, refusal.body

    def _route(self, method: str, path: str) -> Callable[[Params], Object]:
        for pattern, handler in self._routes().items():
            if match := re.fullmatch(pattern, f"{method} {path}"):
                return lambda params: handler(params, *match.groups())
        raise RefusalError(404, "unknown_route", f"There is no {method} {path} here.")

    def _routes(self) -> Mapping[str, Callable[..., Object]]:
        return {
            r"POST /v1/customers": lambda p: self._objects.add("cus", "customer", email=p.get("email"), metadata=p.get("metadata", {})),
            r"GET /v1/prices": self._prices,
            r"POST /v1/checkout/sessions": self._open_session,
            r"GET /v1/checkout/sessions": lambda p: _page(
                [one for one in self._objects.of("checkout.session") if one["payment_intent"] == p["payment_intent"]]
            ),
            r"GET /v1/checkout/sessions/([\w-]+)": self._session,
            r"POST /v1/billing_portal/sessions": self._open_portal,
            r"POST /v1/subscriptions/([\w-]+)": self._update,
            r"GET /v1/events": lambda p: self._missed(p.get("starting_after")),
            r"DELETE /v1/customers/([\w-]+)": lambda p, id: self._delete_customer(id),
            r"DELETE /v1/subscriptions/([\w-]+)": self._cancel,
            r"GET /v1/invoices/([\w-]+)": self._invoice,
            r"GET /v1/invoices/([\w-]+)/lines": lambda p, id: self._rest_of_lines(self._one(id), p.get("starting_after")),
            r"GET /v1/invoice_payments": lambda p: _page(
                [one for one in self._objects.of("invoice_payment")
                 if one["payment"]["payment_intent"] == p["payment"]["payment_intent"]]
            ),
            r"GET /v1/refunds": lambda p: _page([one for one in self._objects.of("refund") if one["charge"] == p["charge"]]),
            r"GET /v1/(?:customers|prices|subscriptions|refunds|disputes|events)/([\w-]+)": lambda p, id: self._one(id),
        }  # fmt: skip

    def _one(self, id: str) -> Object:
        if id not in self._objects.all:
            raise RefusalError(404, "resource_missing", f"No such object: '{id}'")
        return self._objects.all[id]

    def _delete_customer(self, id: str) -> Object:
        self._one(id)
        for one in self._objects.of("subscription"):
            if one["customer"] == id and one["status"] != "canceled":
                self._objects.cancel(one)
        del self._objects.all[id]
        return {"id": id, "object": "customer", "deleted": True}

    def _prices(self, params: Params) -> Object:
        return _page([one for one in self._objects.of("price") if one["lookup_key"] in params["lookup_keys"] and one["active"]])

    def _open_session(self, params: Params) -> Object:
        [line] = params["line_items"]
        price = self._one(line["price"])
        if (params["mode"] == "subscription") != (price["type"] == "recurring"):
            raise RefusalError(400, "parameter_invalid", f"{price['id']} does not fit the mode {params['mode']}.")
        self._one(params["customer"])
        session = self._objects.add(
            "cs", "checkout.session", mode=params["mode"], customer=params["customer"], status="open", payment_status="unpaid",
            client_reference_id=params.get("client_reference_id"), metadata=params.get("metadata", {}), subscription=None, invoice=None,
            payment_intent=None, amount_total=price["unit_amount"], currency=price["currency"], success_url=params["success_url"],
            cancel_url=params["cancel_url"], subscription_data=params.get("subscription_data"),
            line_items=_page([{"id": "li_1", "object": "item", "price": price, "quantity": int(line["quantity"])}]),
        )  # fmt: skip
        session["url"] = self._address + PAY_AT.format(id=session["id"])
        return session

    def _session(self, params: Params, id: str) -> Object:
        session = dict(self._one(id))
        if "payment_intent" in params.get("expand", []) and session["payment_intent"]:
            session["payment_intent"] = self._one(session["payment_intent"])
        return session

    def _open_portal(self, params: Params) -> Object:
        self._one(params["customer"])
        portal = self._objects.add("bps", "billing_portal.session", customer=params["customer"], return_url=params["return_url"])
        portal["url"] = self._address + MANAGE_AT.format(id=portal["id"])
        return portal

    def _update(self, params: Params, id: str) -> Object:
        subscription = self._one(id)
        subscription["metadata"] = {**subscription["metadata"], **params.get("metadata", {})}
        self._objects.cancel_at_period_end(subscription, params["cancel_at_period_end"] == "true")
        return subscription

    def _missed(self, after: str | None) -> Object:
        events = self._objects.events[::-1]
        return _page(events[1 + [one["id"] for one in events].index(after):] if after else events)

    def _cancel(self, _params: Params, id: str) -> Object:
        subscription = self._one(id)
        if subscription["status"] == "canceled":
            raise RefusalError(404, "resource_missing", f"No such subscription: '{id}'")
        self._objects.cancel(subscription)
        return subscription

    def _invoice(self, params: Params, id: str) -> Object:
        invoice = dict(self._one(id))
        if "payments" in params.get("expand", []):
            invoice["payments"] = _page([one for one in self._objects.of("invoice_payment") if one["invoice"] == id])
        return invoice

    def _rest_of_lines(self, invoice: Object, after: str | None) -> Object:
        lines = invoice["lines"]["data"]
        return _page(lines[1 + [one["id"] for one in lines].index(after):] if after else lines)


def read_params(query: str) -> Params:
    """A form as Stripe reads it: a[b]=1 is {"a": {"b": "1"}}, and a[0]=1 is {"a": ["1"]}."""
    tree: Params = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        *steps, last = re.findall(r"[^\[\]]+", name)
        place = tree
        for step in steps:
            place = place.setdefault(step, {})
        place[last] = value
    return {name: _lists(value) for name, value in tree.items()}


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _lists(one) for name, one in value.items()}
    return list(inner.values()) if all(name.isdecimal() for name in inner) else inner


def _page(data: list[Object]) -> Object:
    return {"object": "list", "data": data, "has_more": False}


def _type(status: int, code: str) -> str:
    return "idempotency_error" if code.startswith("idempotency") else "invalid_request_error" if status < 500 else "api_error"
