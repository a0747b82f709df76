"""The speed benchmark: the same sales for everyone, each job answers, targets are judged."""

from pathlib import Path

import pandas as pd
import pytest

from benchmarks import speed, speed_page
from benchmarks.speed_inputs import EVENT, events_frame, made_sales, sales_table, windows_of
from benchmarks.speed_jobs import JOBS


def line(job: str, skus: int, ms: float, **more: float) -> dict[str, object]:
    cost = {"cpu_ms_per_sku": ms, "cpu_seconds": ms * skus / 1000, "peak_mb": 900}
    return {"job": job, "skus": skus, "days": 180} | cost | more


def test_the_made_sales_are_alike_each_time_and_end_before_the_event():
    first, second = made_sales(5, 180), made_sales(5, 180)
    assert (first.units == second.units).all()
    table, events = sales_table(first).to_pandas(), events_frame(first)
    assert table.groupby("sku").size().tolist() == [180] * 5
    assert table["units"].sum() == first.units.sum()
    assert events["event"].iloc[-1] == EVENT
    assert (events["start"].iloc[:-1] < table["date"].max()).all()


def test_promo_days_sell_more_and_peers_see_the_same_days():
    made = made_sales(200, 180)
    seen = windows_of(made)
    assert seen.units[seen.is_promo].mean() > 2 * seen.units[~seen.is_promo].mean()
    assert seen.counted.sum(axis=1).tolist() == [4] * 200


def test_every_job_that_is_asked_for_is_known():
    asked = {job for is_short in (True, False) for job, *_ in speed.asked_for(is_short=is_short)}
    assert asked <= set(JOBS)


def test_a_job_is_timed_in_its_own_process():
    row = speed.median_of(("window totals, CSV", 20, 120), 1)
    assert row["note"] == ""
    assert 0 < row["cpu_seconds"] < row["process_cpu_seconds"]
    assert row["peak_mb"] > 50


def test_a_job_that_fails_says_why(tmp_path: Path):
    with pytest.raises(RuntimeError, match="nothing such"):
        speed.measured("nothing such", tmp_path, 5, 180)


def test_targets_are_met_missed_or_not_measured():
    rows = pd.DataFrame(
        [
            line("window totals, CSV", 2_000, 0.3),
            line("window totals, CSV", 10_000, 0.2),
            line("window totals, CSV", 100_000, 0.25, peak_mb=17_000),
        ]
    )
    table = speed_page.judged(rows).set_index("target")
    assert table["met"].tolist() == ["no", *[speed_page.NONE] * 3, "yes", "yes", "no"]
    assert table["reached"].iloc[5] == "1.25 times"


def test_the_page_shows_targets_above_the_figures(tmp_path: Path):
    page = tmp_path / "speed.md"
    page.write_text("# Speed\n\n- a note\n\n| job |\n", encoding="utf-8")
    rows = pd.DataFrame([line("window totals, CSV", 2_000, 0.1), line("daily paths", 500, 2.0)])
    speed_page.add_targets(page, speed_page.judged(rows), None)
    text = page.read_text(encoding="utf-8")
    assert text.index("| 0.1 ms | yes |") < text.index("| 2 ms | no |") < text.index("- a note")
