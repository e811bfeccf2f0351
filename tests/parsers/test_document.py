from parsers.document import read_document
from parsers.reading import Kind
from records.problems import Code


def test_bytes_of_no_format_give_a_reading_with_a_problem() -> None:
    reading = read_document(b"\x00\x01\x02nothing")
    assert reading.kind is Kind.OTHER
    assert [p.code for p in reading.problems] == [Code.UNREADABLE]
    assert not reading.accepted
