"""What tests of accounts do again and again: sign up, read the mail, press the button."""
from __future__ import annotations

import base64
import hashlib
import re
import uuid
from html import unescape

import httpx2

from tests.support.forms import send
from tests.support.studio import Site

PASSWORD = "correct horse battery"


def new_address() -> str:
    """A mail address that nobody has."""
    return f"{uuid.uuid4()}@example.com"


def link_for(site: Site, email: str) -> str:
    """The link of the last mail to this address, without the site's own address."""
    mails = site.visitor().get("/dev/mail").text.split("<article")
    [mine, *_] = [mail for mail in mails if f"To {email} " in mail] or [""]
    found = re.search(r'href="([^"]+/auth/confirm[^"]+)"', mine)
    assert found is not None, f"there is no mail to {email}"
    return unescape(found[1]).removeprefix(site.address)


def has_mail(site: Site, email: str) -> bool:
    """Whether anything was sent to this address."""
    return f"To {email} " in site.visitor().get("/dev/mail").text


def signed_up(site: Site, email: str, password: str = PASSWORD) -> httpx2.Client:
    """Somebody new, who has confirmed the address and is signed in."""
    client = site.visitor()
    assert send(client, client.get("/sign-up"), "/sign-up", email=email, password=password).status_code == 200
    answer = send(client, client.get(link_for(site, email)), "/auth/confirm")
    assert (answer.status_code, answer.headers["location"]) == (303, "/studio"), answer.text
    return client


def sign_in(client: httpx2.Client, email: str, password: str = PASSWORD) -> httpx2.Response:
    """A try to sign in."""
    return send(client, client.get("/sign-in"), "/sign-in", email=email, password=password)


def cheaply_hashed(password: str) -> str:
    """A password as the embedded identity keeps it, at a cost that is none."""
    salt = b"0123456789abcdef"
    key = hashlib.scrypt(password.encode(), salt=salt, n=2, r=1, p=1, dklen=32)
    return f"scrypt$2$1$1${base64.b64encode(salt).decode()}${base64.b64encode(key).decode()}"
