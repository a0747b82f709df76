"""What is wrong is told in Chinese too: where it is, what it is, what would be right."""

import ast
import re
from pathlib import Path

import pytest

from planner.desk.problems import FINISHED, WHYS, chinese_of, faults_of, told_problem
from planner.words import is_known

PACKAGE = Path(__file__).resolve().parents[1] / "planner"
MENDABLE = ("ConfigError", "InputError")
NOT_FOR_ANALYSTS = ("words.py", "kinds.py", "pages/", "intake/dialects.py")
"""Faults of the project's own files: whoever changes those reads English."""


def text_of(node: ast.expr) -> str:
    """Return the text of a message with 7 in the place of every fact."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(getattr(part, "value", "")) if isinstance(part, ast.Constant) else "7"
                       for part in node.values)  # fmt: skip
    if isinstance(node, ast.BinOp):
        return text_of(node.left) + text_of(node.right)
    return "7"


def messages() -> list[tuple[str, str]]:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        calls = [
            node.exc
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args
        ]
        found += [
            (f"{name}:{call.lineno}", text_of(call.args[0]))
            for call in calls
            if getattr(call.func, "id", "") in MENDABLE and not name.endswith(NOT_FOR_ANALYSTS[:2])
            if not name.startswith(NOT_FOR_ANALYSTS[2:])
        ]
    return [(place, text) for place, text in found if len(re.findall("[a-z]{3,}", text)) > 1]


def test_every_mistake_of_an_analyst_is_told_in_chinese() -> None:
    told = messages()
    assert len(told) > 60
    assert [place for place, text in told if not chinese_of(text)] == []


def test_every_reason_has_its_words() -> None:
    assert [why for _, why in (*WHYS, FINISHED) if not is_known(f"cli.why_{why}")] == []


@pytest.mark.parametrize(
    ("message", "zh"),
    [
        (
            'stock.csv, row 2, column "units": -100 must be greater than or equal to 0',
            "stock.csv 第 2 行“units”列：-100 太小，至少 0",
        ),
        (
            "catalogue.csv, row 3, column \"price\": '£12' is not a number, with a point and "
            "without a sign",
            "catalogue.csv 第 3 行“price”列：'£12' 不是数字，写成 1234.5（不带千分位",
        ),
        (
            "live_plan.csv, row 2, column \"day\": '12/11/2025' is not a day such as 2026-11-22",
            "live_plan.csv 第 2 行“day”列：'12/11/2025' 不是日期，写成 2026-11-22 这样",
        ),
        ("catalogue.csv, unknown column 'cst'; it may have: sku", "有不认识的列 'cst'"),
        ("stock.csv and stock.xlsx are both there; keep one", "同名的 csv 和 xlsx 只能留一个"),
        (
            "sellers/x/seller.yml: line 9: currency is '英镑': write a currency code of three "
            "capitals, such as GBP",
            "sellers/x/seller.yml 第 9 行：写三个大写字母的货币代码，如 GBP",
        ),
        (
            "484 of 1426 rows of the order exports cannot be used, 33.9%; the policy bears 5.0% "
            "(max_lost_ratio). The commonest reasons: (1) 484 x bad, for instance o/a.csv, row 7, "
            'column "Quantity": \'x\'. mend. [E_QTY]',
            "484 / 1426 行不能用，占 33.9%，上限 5.0%（policy.max_lost_ratio）；"
            "o/a.csv 第 7 行“Quantity”列：",
        ),
    ],
)  # fmt: skip
def test_the_place_stands_before_the_reason(message: str, zh: str) -> None:
    assert chinese_of(message).startswith(zh)
    assert told_problem(message).endswith(f" / {message}")


def test_each_fault_of_a_file_is_told_for_itself_without_the_name_of_the_file() -> None:
    message = (
        'stock.csv, row 2, column "units": empty is not a whole number; '
        "row 4, column \"as_of\": '1.9.' is not a day such as 2026-11-22; and 3 more"
    )
    first, second, rest = faults_of(message, within="stock.csv")
    assert first.zh == "第 2 行“units”列：是空的，请填上"
    assert first.en == 'row 2, column "units": empty is not a whole number'
    assert second.zh == "第 4 行“as_of”列：'1.9.' 不是日期，写成 2026-11-22 这样"
    assert rest.zh == "另有 3 处"
    (line,) = faults_of("sellers/a/seller.yml: line 9: unknown key naem", within="seller.yml")
    assert line == ("第 9 行：有不认识的键", "line 9: unknown key naem")


def test_what_nobody_has_put_into_chinese_stays_as_it_is() -> None:
    assert told_problem("division by zero") == "division by zero"
    assert chinese_of("[E_NOBODY_KNOWS] oh") == ""


def test_that_pages_are_there_is_told_beside_why_the_next_broke() -> None:
    told = chinese_of("x.csv, row 3: '1' is not a day; pages 01 02 are published; more in x.log")
    assert told == "x.csv 第 3 行：'1' 不是日期，写成 2026-11-22 这样；01 02 的页面已生成，可以先看"
    assert chinese_of("KeyError: 'x'; pages 01 are published") == "01 的页面已生成，可以先看"
