"""Bytes become records with the lines a person sees, or a plain refusal."""

import pytest

from planner.intake.texts import BOM_UTF8, QuoteError, Text, decoded, head_records, records


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"\xef\xbb\xbfa,b", "utf-8"),
        ("a\tb\r\n".encode("utf-16"), "utf-16"),
        ("订单号,数量\n红色衣架,2\n".encode("gb18030"), "gb18030"),
        ("คำสั่งซื้อ,2\n".encode(), "utf-8"),
    ],
)
def test_the_encoding_is_found_from_the_bytes(data: bytes, encoding: str):
    found = decoded(data)
    assert found is not None
    assert found.encoding == encoding
    assert not found.is_damaged


def test_one_row_in_another_encoding_damages_that_row_and_not_the_file():
    found = decoded("สินค้า,1\n".encode() * 5 + b"\xb3\xaf\xe9,2\n")
    assert found is not None
    assert found.encoding == "utf-8"
    assert found.is_damaged


@pytest.mark.parametrize("data", [bytes(range(256)) * 20, b"a\x00\x01\x02" * 50])
def test_bytes_that_are_no_text_are_none(data: bytes):
    assert decoded(data) is None


def test_lines_are_counted_as_a_person_sees_them_whatever_ends_them():
    for end in ("\n", "\r\n", "\r"):
        text = end.join(["a,b", '"one', 'two",1', "c,2", ""])
        assert [record.line for record in records(text, ",")] == [1, 2, 4]


@pytest.mark.parametrize("text", ['a,b\n1,"open\n2,x\n', 'a,b\n1,2\n3,"x"y\n'])
def test_a_stray_quotation_mark_is_told_with_the_line_of_its_record(text: str):
    with pytest.raises(QuoteError) as told:
        list(records(text, ","))
    assert told.value.line == (2 if "open" in text else 3)


def test_a_cell_of_two_hundred_thousand_signs_is_read():
    (_, record) = records("a,b\n1," + "m" * 200_000 + "\n", ",")
    assert len(record.cells[1]) == 200_000


def test_records_can_begin_below_a_title_with_its_line_numbers_kept():
    text = 'An "odd title\n\nh1,h2\n1,2\n'
    assert [r.line for r in records(text, ",", from_line=3)] == [3, 4]
    assert head_records("h1;h2\n1;2\n", ";")[1].cells == ["1", "2"]


def test_chinese_excel_behind_the_mark_of_utf_8_is_read_and_a_latin_letter_is_not_taken_for_it():
    table = "订单号,商品名称\n1,红色衣架\n"
    assert decoded(BOM_UTF8 + table.encode("gb18030")) == Text(table, "gb18030")
    latin = decoded(BOM_UTF8 + "id,name\n1,Café au lait\n".encode("latin-1"))
    assert (latin.encoding, latin.is_damaged) == ("utf-8", True)


@pytest.mark.parametrize("word", ["默认款式", "通用款", "一件装", "默认尺寸", "红色台灯"])
@pytest.mark.parametrize("mark", [b"", BOM_UTF8])
def test_chinese_words_whose_bytes_are_half_letters_of_utf_8_are_read(word: str, mark: bytes):
    table = "Order ID,Variation\n" + f"1,{word}\n" * 3
    assert decoded(mark + table.encode("gb18030")) == Text(table, "gb18030")


def test_one_chinese_row_among_many_accents_leaves_the_file_utf_8():
    found = decoded("Crème brûlée,1\n".encode() * 5 + "默认款式,2\n".encode("gb18030"))
    assert found is not None
    assert (found.encoding, found.is_damaged) == ("utf-8", True)
