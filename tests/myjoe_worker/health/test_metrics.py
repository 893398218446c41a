"""Prometheus' text format, as Prometheus' own parser reads it."""
from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from myjoe_worker.health.metrics import BUCKETS_SECONDS, Histogram, MetricsText


def read(text: MetricsText) -> dict[tuple[str, ...], float]:
    """The samples' values, by their names and the values of their labels."""
    families = text_string_to_metric_families(text.text())
    return {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}


def test_what_is_added_is_read_in_its_order_with_its_kind_and_its_words() -> None:
    text = MetricsText()
    text.add("b_total", "counter", "The second.", [({"end": "done"}, 2), ({"end": "failed"}, 0)])
    text.add("a", "gauge", "The first.", [({}, -1.5)])
    families = list(text_string_to_metric_families(text.text()))
    assert [(family.name, family.type, family.documentation) for family in families] == [
        ("b", "counter", "The second."), ("a", "gauge", "The first."),
    ]  # fmt: skip
    assert read(text) == {("b_total", "done"): 2, ("b_total", "failed"): 0, ("a",): -1.5}


def test_labels_may_hold_anything() -> None:
    text = MetricsText()
    text.add("odd", "gauge", "An odd label.", [({"kind": 'a\\b"c\nd', "other": "é,}"}, 1.5)])
    [family] = text_string_to_metric_families(text.text())
    assert (family.samples[0].labels, family.samples[0].value) == ({"kind": 'a\\b"c\nd', "other": "é,}"}, 1.5)


def test_what_has_no_samples_is_not_named() -> None:
    text = MetricsText()
    text.add("nothing", "gauge", "Nothing.", [])
    text.histogram("none", "None.", [])
    assert text.text() == ""


def test_large_and_small_numbers_keep_their_digits() -> None:
    text = MetricsText()
    text.add("n", "gauge", "Numbers.", [({"k": "large"}, 12_345_678_901), ({"k": "small"}, 0.000123), ({"k": "whole"}, 3)])
    assert read(text) == {("n", "large"): 12_345_678_900, ("n", "small"): 0.000123, ("n", "whole"): 3}


def test_a_histogram_counts_each_duration_in_all_buckets_that_hold_it() -> None:
    seen = Histogram()
    for seconds in (0.5, 0.6, 300, 301):
        seen.add(seconds)
    text = MetricsText()
    text.histogram("job_seconds", "How long.", [({"end": "done"}, seen)])
    values = read(text)
    buckets = [values["job_seconds_bucket", "done", f"{bound:g}"] for bound in BUCKETS_SECONDS]
    assert buckets == [1, 2, 2, 2, 2, 2, 2, 2, 2, 3]
    assert values["job_seconds_bucket", "done", "+Inf"] == values["job_seconds_count", "done"] == 4
    assert values["job_seconds_sum", "done"] == 602.1
