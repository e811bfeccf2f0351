"""How a whole file was read: a document, or a mail with its own words, what it quotes and what it carries."""

from collections.abc import Callable

from parsers.any import is_message
from parsers.explain import Explained, explain_text
from parsers.explain_html import Section
from parsers.message import Message, parse_message
from parsers.reading import Reading

ExplainDocument = Callable[[bytes, str | None, str | None], Explained]


def explain_file(data: bytes, name: str, explain: ExplainDocument) -> tuple[Reading, tuple[Section, ...]]:
    """Return what the file says and the sections that show how it was read.

    ``explain`` reads and shows one document (bytes, name, media type).
    """
    if not is_message(data, name):
        explained = explain(data, name, None)
        return explained.reading, (Section(name, explained),)
    return _explain_mail(parse_message(data), name, explain)


def _explain_mail(message: Message, name: str, explain: ExplainDocument) -> tuple[Reading, tuple[Section, ...]]:
    from parsers.mail import read_message
    from parsers.own_words import own_words

    carried: list[Section] = []

    def read(data: bytes, filename: str | None, media_type: str | None) -> Reading:
        explained = explain(data, filename, media_type)
        carried.append(Section(filename or media_type or "attachment", explained))
        return explained.reading

    reading = read_message(message, read)
    words = own_words(message)
    texts = (("Own words", words.text), ("Quoted", words.quoted), ("Signature", words.signature))
    pages = explain_text(words.text, reading)
    return reading, (Section(name, Explained(reading.with_(documents=()), pages), texts), *carried)
