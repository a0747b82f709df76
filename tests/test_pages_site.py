"""Pages and index: what passes into a report, in which language, and that nothing else does."""

import json
import re
from dataclasses import replace
from typing import Any

import pages_samples as samples
import pytest

from planner.errors import RunError
from planner.frozen import Words
from planner.pages import charts, headline, site
from planner.pages.blocks import Block, show_alerts, show_note, show_table
from planner.pages.book import PLOTLY_MIMETYPE, read_book
from planner.pages.index import in_order, index_totals
from planner.pages.site import Entry
from planner.words import LANGS, say

SCRIPT = "</script><script>alert(1)</script>"
NAV = {1: "01.html", 2: "02.html", 3: "03.html"}
ADDRESS = re.compile(r"""(?:src|href|action|url)\s*[=(]\s*["']?\s*(?:https?:)?//""", re.IGNORECASE)


@pytest.fixture(autouse=True)
def _words(monkeypatch: pytest.MonkeyPatch) -> None:
    samples.teach(monkeypatch, {"note.t": ("一句话", "one sentence")})


def markdown(text: str, *tags: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": text, "metadata": {"tags": list(tags)}}


def code(*outputs: dict[str, Any], tags: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "source": "secret_call()",
        "metadata": {"tags": list(tags)},
        "outputs": list(outputs),
    }


def shown(thing: Any) -> dict[str, Any]:
    if isinstance(thing, Block):
        data = thing._repr_mimebundle_()
    else:
        data = {PLOTLY_MIMETYPE: json.loads(thing.to_json()), "text/html": "<b>raw</b>"}
    return {"output_type": "execute_result", "data": json.loads(json.dumps(data)), "metadata": {}}


def book(lang: str, *cells: dict[str, Any]) -> dict[str, Any]:
    return {
        "cells": [
            markdown("# 3 · 发什么,怎么发?\n\n给采购看:下单量(件)。", "lang-zh"),
            markdown("# 3 · What to ship?\n\nFor buyers.", "lang-en"),
            *cells,
        ]
    }


def page(*cells: dict[str, Any], langs: tuple[str, ...] = LANGS, **changed: Any) -> str:
    given = {
        "step": 3,
        "seller": samples.seller(),
        "campaign": samples.campaign(),
        "nav": NAV,
        "made": "run 1a2b",
    }
    return site.render_page({lang: book(lang, *cells) for lang in langs}, **{**given, **changed})


def test_a_page_holds_both_languages_and_each_only_its_own_markdown():
    html = page()
    zh, en = html.index("<h1>发什么"), html.index("<h1>What to ship?</h1>")
    assert zh < en
    assert html.count("<h1>") == 2
    assert 'data-set-lang="en"' in html


def test_a_page_of_one_language_has_no_switch():
    html = page(langs=("en",))
    assert "data-set-lang" not in html
    assert "发什么" not in html


def test_chinese_text_is_set_with_full_width_marks_and_the_step_number_is_dropped():
    told = read_book(book("zh"), "zh")
    assert told.heading == "发什么，怎么发？"
    assert "给采购看：下单量（件）。" in told.lead


def test_only_markdown_blocks_and_figures_pass():
    note = shown(show_note("note.t", "zh"))
    stream = {"output_type": "stream", "name": "stderr", "text": "Traceback: secret"}
    raw = {"output_type": "display_data", "data": {"text/html": "<i>raw html</i>"}, "metadata": {}}
    plain = {"output_type": "display_data", "data": {"text/plain": "plain"}, "metadata": {}}
    html = page(markdown("## 问题", "lang-zh"), code(note, stream, raw, plain))
    assert "一句话" in html
    for hidden in ("secret", "raw html", "plain</", "Traceback"):
        assert hidden not in html


@pytest.mark.parametrize("tag", ["parameters", "injected-parameters", "workbench-only"])
def test_cells_of_the_workbench_are_dropped_with_their_outputs(tag: str):
    html = page(code(shown(show_note("note.t", "zh")), tags=(tag,)))
    assert "一句话" not in html


def test_sections_keep_their_order_and_what_follows_the_last_answer_is_the_ending():
    note = shown(show_note("note.t", "en"))
    told = read_book(
        book("en", markdown("## One\n\nread so", "lang-en"), code(note),
             markdown("## Two", "lang-en"), code(note, note), markdown("**Next:** 04.", "lang-en")),
        "en",
    )  # fmt: skip
    assert [(part.id, part.title, len(part.items)) for part in told.sections] == [
        ("en-1", "One", 1),
        ("en-2", "Two", 2),
    ]
    assert "read so" in told.sections[0].text
    assert "<strong>Next:</strong> 04." in told.ending


def test_a_figure_becomes_data_that_cannot_leave_its_script_element():
    plan = samples.plan().replace({"sku": {"MOP-360-BLUE": SCRIPT}})
    figure = charts.stock_plan(plan, samples.position(), "zh")
    figure.update_layout(meta=SCRIPT)
    html = page(markdown("## 图", "lang-zh"), code(shown(figure)))
    assert SCRIPT not in html
    data = re.search(
        r'<script type="application/json" data-for="zh-1-figure-1">(.*?)</script>', html
    )
    assert json.loads(data.group(1))["layout"]["meta"] == SCRIPT


@pytest.mark.parametrize(
    "payload", [SCRIPT, "<img src=x onerror=alert(1)>", "{{ 7 * 7 }}", "\u202egpj"]
)
def test_what_data_says_is_shown_and_never_obeyed(payload: str):
    table = show_table(samples.plan().replace({"sku": {"MOP-360-BLUE": payload}}), "zh")
    alerts = show_alerts(samples.alerts().assign(sku=payload), "zh")
    html = page(markdown("## 表", "lang-zh"), code(shown(table), shown(alerts)))
    assert "<script>alert" not in html
    assert "<img" not in html
    assert "\u202e" not in html
    assert ">49<" not in html


def test_markdown_can_hold_neither_html_nor_links():
    text = (
        f"## T\n\n{SCRIPT} [x](javascript:alert(1)) ![p](http://evil.example/p.png) <http://evil>"
    )
    html = page(markdown(text, "lang-zh"))
    assert SCRIPT not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert 'href="http' not in html


def test_a_block_of_unknown_kind_is_refused():
    output = shown(show_note("note.t", "zh"))
    output["data"]["application/vnd.planner.block+json"]["kind"] = "iframe"
    with pytest.raises(RunError, match="iframe"):
        page(code(output))


def test_a_page_without_a_notebook_is_refused():
    with pytest.raises(RunError, match="demo-th-home"):
        page(langs=())


def test_a_page_says_who_what_and_as_of_when_and_leads_to_the_other_steps():
    html = page()
    for text in (
        "安居家品（泰国）",
        "Anju Home (Thailand)",
        "2025-09-16",
        "11.11 2025",
        "run 1a2b",
    ):
        assert text in html
    assert 'href="01.html"' in html
    assert 'href="../index.html"' in html
    assert html.count('aria-current="page"') == 2
    assert 'href="04.html"' not in html


def test_a_page_names_no_address_outside_its_folders_and_allows_no_inline_code():
    figure = charts.sku_forecast(samples.forecast(), "zh")
    html = page(markdown("## 图", "lang-zh"), code(shown(figure)))
    assert ADDRESS.search(html) is None
    assert "unsafe-inline" not in html
    assert "unsafe-eval" not in html
    assert re.search(r"\sstyle=", html) is None
    assert re.search(r"\son\w+=", html) is None
    scripts = re.findall(r"<script (?!type=\"application/json\")[^>]*>", html)
    assert [re.search(r'src="([^"]+)"', tag).group(1) for tag in scripts] == [
        "../../assets/page.js",
        "../../assets/plotly.min.js",
    ]


def test_the_same_notebooks_give_the_same_page():
    assert page() == page()


def test_the_shared_files_ask_for_nothing():
    files = site.assets()
    assert sorted(files) == ["page.js", "plotly.min.js", "report.css"]
    for name in ("page.js", "report.css"):
        assert b"http" not in files[name]
        assert b"@import" not in files[name]


def entries() -> list[Entry]:
    told = headline.summary(
        samples.plan(), samples.forecast(), samples.alerts(), samples.costs(), ship=samples.ship()
    )
    small, wide = Words(zh="小鹿", en="Fawn"), Words(zh="声阔", en="Wide")
    files = {"plan.xlsx": "demo-th-home/plan.xlsx"}
    done = Entry("demo-th-home", samples.seller().name, summary=told, files=files)
    return [
        replace(done, pages={1: "a/01.html"}, stale=(1,)),
        Entry("demo-vn", small, state="refused", reason=f"orders.csv {SCRIPT}"),
        Entry("demo-my", wide, state="failed", reason=Words(zh="超时", en="too long")),
        Entry("demo-new", Words(zh="新店", en="New"), pages={1: "demo-new/01.html"}),
    ]


def index(**changed: Any) -> str:
    return site.render_index(entries(), **{"campaign": samples.campaign(), **changed})


def test_the_index_shows_each_seller_with_its_answer_or_its_reason():
    html = index()
    for text in (
        "11,568",
        "CNY 400,253",
        "2025-09-20",
        "demo-th-home/plan.xlsx",
        "too long",
        "超时",
    ):
        assert text in html
    assert SCRIPT not in html
    assert "orders.csv" in html
    assert html.count("<tr class=") == 2 * 4


def test_the_index_counts_sellers_done_and_missed():
    totals = {
        term: re.search(rf"{say(term, 'en')}</div>\s*<div class=\"tile-value[^>]*>(\d+)", index())
        for term in ("page.total_done", "page.total_missed", "page.total_stops")
    }
    assert [found.group(1) for found in totals.values()] == ["2", "2", "2"]


def test_once_all_are_reviewed_the_index_tells_profit_and_gap_and_no_day_to_ship_by():
    review = {"actual_profit": 5000.0, "best_profit": 9000.0, "gap_profit": 4000.0,
              "open_count": 3, "currency": "THB"}  # fmt: skip
    done = entries()[0]
    calm = {**done.summary, "alerts": {}, "review": review}
    files = {**done.files, "track.xlsx": "a/track.xlsx", "05-slides.html": "a/05-slides.html"}
    over = replace(done, summary=calm, as_of="2025-12-05", files=files)
    html = site.render_index([over], campaign=samples.campaign())
    for text in ("THB 5,000", "THB 4,000 short of the best", "3 findings without an owner",
                 "as of 2025-12-05",
                 "All 1 sellers are reviewed; 3 findings have no owner.",
                 '<a class="sheet-link" href="a/track.xlsx">track.xlsx</a>',
                 '<a class="sheet-link" href="a/05-slides.html">Slides</a>'):  # fmt: skip
        assert text in html
    for text in ("2025-09-16", "2025-09-20", say("page.index_ship_by", "en")):
        assert text not in html
    half = site.render_index([over, entries()[3]], campaign=samples.campaign())
    assert "1 of them are reviewed, with 3 findings without an owner." in half
    assert say("page.index_ship_by", "en") in half


def test_the_index_shows_who_failed_first_and_then_who_missed_most_of_one_currency():
    done = entries()[0]

    def of(name: str, gap: float, currency: str = "CNY"):
        review = {"gap_profit": gap, "currency": currency}
        return replace(done, seller=name, summary={"review": review})

    found = in_order([of("a", 5.0), of("b", 9.0), replace(done, seller="z", state="failed")])
    assert [one.seller for one in found] == ["z", "b", "a"]
    assert [one.seller for one in in_order([of("a", 5.0), of("b", 9.0, "USD")])] == ["a", "b"]
    told = in_order([of("a", 5.0), of("b", 9.0, "USD")], {"a": 1.0, "b": 7.0})
    assert [one.seller for one in told] == ["b", "a"]


def test_an_index_with_a_failure_does_not_call_itself_calm():
    good = replace(entries()[0], summary={**entries()[0].summary, "alerts": {}})
    failed = next(one for one in entries() if one.state != "done")
    html = site.render_index([good, failed], campaign=samples.campaign())
    assert "1 of 2 sellers are done." in html
    assert "1 was refused or failed: see why below." in html


def test_the_line_of_tables_read_and_written_stays_in_the_notebook():
    told = read_book({"cells": [markdown("# 5 · T\n\nFor all.\n**Reads** x", "lang-en")]}, "en")
    assert told.lead.strip() == "<p>For all.</p>"


def test_a_seller_without_a_plan_yet_shows_no_cost_and_no_zero():
    row = index().split("demo-new</span>")[1].split("</tr>")[0]
    assert "0" not in re.sub(r"<[^>]+>", "", row).replace("01", "")


def test_a_page_made_from_tables_that_changed_is_marked():
    assert 'class="stale"' in index()
    assert say("page.stale", "en") in index()


def test_a_row_tells_its_own_day_where_it_is_not_that_of_the_index():
    first, *_ = entries()
    told = {
        day: site.render_index([replace(first, as_of=day)], campaign=samples.campaign())
        for day in ("2025-09-16", "2025-10-02", "")
    }
    assert say("page.own_day", "en", day="2025-10-02") in told["2025-10-02"]
    assert "own-day" not in told["2025-09-16"] + told[""]


def test_links_of_a_seller_whose_last_run_gave_nothing_are_marked_as_old():
    first, refused, *_ = entries()
    kept = replace(refused, pages={3: "b/03.html"}, as_of="2025-09-01")
    html = site.render_index([kept], campaign=samples.campaign())
    assert 'class="links old"' in html
    assert say("page.earlier_day", "zh", day="2025-09-01") in html
    assert 'class="links old"' not in site.render_index([first], campaign=samples.campaign())
    assert 'class="links old"' not in site.render_index([refused], campaign=samples.campaign())
    aged = site.render_index([replace(first, is_old=True)], campaign=samples.campaign())
    assert say("page.earlier", "en") in aged
    assert 'class="sheet-link old"' in aged


def test_a_run_that_broke_late_counts_with_the_plan_it_published():
    first, refused, *_ = entries()
    summary = {"order_units": 3578, "order_skus": 2, "skus": 2, "alerts": {"stop": 3}}
    broken = replace(refused, state="failed", pages={3: "b/03.html"}, summary=summary)
    done = replace(first, summary={**first.summary, "order_units": 22, "alerts": {"stop": 1}})
    told = index_totals([done, replace(broken, is_part=True)], "en")
    assert {"3,600", "4"} <= {one["value"] for one in told["numbers"]}  # 22 + 3,578, 1 + 3
    told = index_totals([done, broken], "en")
    assert {"22", "1"} <= {one["value"] for one in told["numbers"]}
    html = site.render_index([replace(broken, is_part=True)], campaign=samples.campaign())
    assert say("page.earlier", "en") not in html


def test_an_index_without_sellers_says_so():
    html = site.render_index([], campaign=samples.campaign())
    assert say("page.no_sellers", "en") in html


def test_the_index_names_no_address_outside_its_folders():
    html = index(assets="assets")
    assert ADDRESS.search(html) is None
    assert 'src="assets/page.js"' in html
    assert "plotly" not in html
