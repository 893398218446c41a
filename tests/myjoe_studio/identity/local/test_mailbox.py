"""Mails of development."""
from __future__ import annotations

import pytest

from myjoe_studio.identity.local.mailbox import KEPT, SUBJECTS, Mailbox


@pytest.mark.parametrize("kind", SUBJECTS)
def test_each_kind_leads_to_the_button(kind: str) -> None:
    box = Mailbox("http://127.0.0.1:8000")
    box.send("joe@example.com", kind, "a/b+c")
    [mail] = box
    assert mail.to == "joe@example.com" and mail.subject and mail.sentence.endswith(".")
    assert mail.link == f"http://127.0.0.1:8000/auth/confirm?token_hash=a%2Fb%2Bc&type={kind}"


def test_the_last_stands_first_and_old_ones_go() -> None:
    box = Mailbox("http://x")
    for number in range(KEPT + 5):
        box.send(f"{number}@example.com", "signup", "t")
    mails = list(box)
    assert len(mails) == KEPT
    assert mails[0].to == f"{KEPT + 4}@example.com" and mails[-1].to == "5@example.com"
