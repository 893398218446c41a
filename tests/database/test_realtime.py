"""What browsers hear: each change of state of their own jobs, and nothing that is not theirs to
know.
"""
from __future__ import annotations

import json
import uuid

from tests.database.support import Database


def heard(database: Database, user: uuid.UUID) -> list[tuple[str, str, set[str]]]:
    rows = database.rows("select payload from realtime.messages where topic = %s order by ctid", f"user:{user}")
    return [(payload["run_id"], payload["status"], set(payload["job_ids"])) for (payload,) in rows]


def test_each_change_of_state_is_told_once_to_its_owner(database: Database) -> None:
    user, other = database.user(credits_half=4), database.user(credits_half=2)
    run, others = database.submit(user, pages=2)["run_id"], database.submit(other)["run_id"]
    held = database.claim(3)
    (done, failing) = [lease for lease in held if database.one("select user_id from public.jobs where id = %s", lease[0]) == user]
    database.rows("select * from private.heartbeat_jobs(%s, %s)", [done[0]], [done[1]])  # no change of state
    database.complete(done)
    database.fail(failing)
    database.rows("select * from private.cancel_jobs(%s, %s)", user, run)
    both, one, two = {str(done[0]), str(failing[0])}, {str(done[0])}, {str(failing[0])}
    assert heard(database, user) == [
        (run, "pending", both), (run, "in_progress", both), (run, "completed", one), (run, "pending", two), (run, "cancelled", two),
    ]  # fmt: skip
    assert [(told[0], told[1]) for told in heard(database, other)] == [(others, "pending"), (others, "in_progress")]


def test_a_message_is_slim_and_private(newest: Database) -> None:
    newest.submit(newest.user(credits_half=4))
    ((payload, event, private, extension),) = newest.rows("select payload, event, private, extension from realtime.messages")
    assert (set(payload), event, private, extension) == ({"job_ids", "run_id", "status"}, "jobs", True, "broadcast")


def test_users_may_join_their_own_topic_only(database: Database) -> None:
    one, two = database.user(credits_half=2), database.user(credits_half=2)
    for user in (one, two):
        database.submit(user)
    for topic, expected in ((one, True), (two, False)):
        with database.connect(autocommit=False) as connection:
            connection.execute("set local role authenticated")
            connection.execute("select set_config('request.jwt.claims', %s, true)", (json.dumps({"sub": str(one)}),))
            connection.execute("select set_config('realtime.topic', %s, true)", (f"user:{topic}",))
            may = connection.execute("select count(*) > 0 from realtime.messages").fetchone()
            assert may == (expected,)


def test_a_broken_broadcast_fails_no_job(newest: Database) -> None:
    newest.run("drop table realtime.messages")
    newest.enqueue(newest.user())
    (held,) = newest.claim()
    assert newest.complete(held) == [held[0]]
