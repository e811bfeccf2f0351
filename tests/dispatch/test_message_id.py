import re

from dispatch.headers import message_id_field
from dispatch.message_id import message_id

KEY = b"k" * 32


def test_the_same_order_sent_again_carries_the_same_identifier() -> None:
    first = message_id(KEY, "buyer.example", "north", "order:184", 1, "Sales@supplier.example")
    assert first == message_id(KEY, "buyer.example", "north", "order:184", 1, "sales@supplier.example")
    assert re.fullmatch(r"<[a-z2-7]{32}@buyer\.example>", first)
    assert message_id_field("Message-ID", [first]).written == first


def test_every_part_and_the_key_change_the_identifier() -> None:
    made = {
        message_id(KEY, "h.example", "north", "order:184", 1, "a@s.example"),
        message_id(KEY, "h.example", "south", "order:184", 1, "a@s.example"),
        message_id(KEY, "h.example", "north", "order:185", 1, "a@s.example"),
        message_id(KEY, "h.example", "north", "order:184", 2, "a@s.example"),
        message_id(KEY, "h.example", "north", "order:184", 1, "b@s.example"),
        message_id(b"other", "h.example", "north", "order:184", 1, "a@s.example"),
    }
    assert len(made) == 6


def test_parts_cannot_be_shifted_into_each_other() -> None:
    one = message_id(KEY, "h.example", "a", 'b", "c', 1, "d@e.example")
    other = message_id(KEY, "h.example", 'a", "b', "c", 1, "d@e.example")
    assert one != other
