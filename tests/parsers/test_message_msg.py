from parsers.any import read_any
from parsers.message import parse_message
from parsers.reading import Kind
from tests.parsers.compound import outlook_message

TABLE = b"Item;Description;Qty\r\nHG-7;Nitrile gloves;10\r\n"
BODY = "Please order 10 boxes of nitrile gloves (HG-7), cost centre 4711."


def test_an_outlook_file_is_read_with_its_body_and_attachments() -> None:
    data = outlook_message("Order please", "rosa@works.example", BODY, {"list.csv": TABLE, "big.csv": TABLE * 200})
    message = parse_message(data)
    leaves = {leaf.filename: leaf.data for leaf in message.leaves}
    assert message.subject == "Order please"
    assert leaves["list.csv"] == TABLE
    assert leaves["big.csv"] == TABLE * 200
    assert leaves[None].decode() == BODY


def test_a_request_in_an_outlook_file_becomes_lines() -> None:
    reading = read_any(outlook_message("Order please", "rosa@works.example", BODY, {}), "order.msg")
    assert reading.kind is Kind.REQUISITION
    assert [(line.item_number, str(line.quantity)) for line in reading.lines] == [("HG-7", "10")]


def test_a_cut_outlook_file_is_kept_whole_as_one_part() -> None:
    data = outlook_message("Order please", "rosa@works.example", BODY, {"list.csv": TABLE})[:1500]
    message = parse_message(data)
    assert [leaf.data for leaf in message.leaves][-1] == data
    assert message.problems
