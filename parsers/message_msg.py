"""Outlook .msg files (OLE compound documents) read as the mail they hold."""

from typing import Any

from parsers.message_parts import Leaf, Walk
from records.problems import Code


def read_msg(data: bytes) -> tuple[list[tuple[str, bytes]], Walk]:
    """Return raw header fields and the parts of a .msg file; one that cannot be read is a single leaf."""
    from oxmsg import Message as OutlookMessage

    walk = Walk()
    fields: list[tuple[str, bytes]] = []
    try:
        outlook = OutlookMessage.load(data)
        fields = _fields(outlook)
        _add_bodies(outlook, walk)
        for number, attachment in enumerate(outlook.attachments, 1):
            _add_attachment(attachment, number, walk)
    except Exception as error:  # a third-party parser on bytes from outside
        walk.leaves.append(Leaf("application/vnd.ms-outlook", data))
        walk.refuse(f"The Outlook message cannot be read whole: {type(error).__name__}.", Code.UNREADABLE)
    return fields, walk


def _fields(outlook: Any) -> list[tuple[str, bytes]]:
    """The transport headers where Outlook kept them, else what its properties say."""
    written = {name.lower(): (name, value) for name, value in outlook.message_headers.items()}
    fields = [
        (name, str(value).encode("utf-8", "replace"))
        for name, value in written.values()
        if not name.lower().startswith("content-")
    ]
    stated = {"Subject": outlook.subject, "From": outlook.sender}
    if outlook.sent_date:
        stated["Date"] = outlook.sent_date.strftime("%a, %d %b %Y %H:%M:%S +0000")
    for name, value in stated.items():
        if value and name.lower() not in written:
            fields.append((name, str(value).encode("utf-8", "replace")))
    return fields


def _add_bodies(outlook: Any, walk: Walk) -> None:
    plain, html = outlook.body, outlook.html_body
    if plain:
        walk.leaves.append(_text_leaf("text/plain", plain, "1.1"))
    if html:
        walk.leaves.append(_text_leaf("text/html", html, "1.2"))
    if not plain and not html and (rtf := outlook.properties.binary_prop_value(0x1009)):
        walk.leaves.append(Leaf("application/rtf", rtf, path="1.3"))


def _text_leaf(media_type: str, text: str, path: str) -> Leaf:
    data = text.encode("utf-8", "replace")
    return Leaf(media_type, data, charset="utf-8", path=path, parent="multipart/alternative")


def _add_attachment(attachment: Any, number: int, walk: Walk) -> None:
    name = attachment.file_name or attachment.properties.str_prop_value(0x3704)
    content = attachment.file_bytes
    if content is None:
        walk.refuse(f"The attachment {name or number} of the Outlook message is not stored by value.", Code.UNREADABLE)
        return
    media_type = (attachment.mime_type or "application/octet-stream").lower()
    content_id = (attachment.properties.str_prop_value(0x3712) or "").strip("<> ")
    walk.leaves.append(
        Leaf(media_type, content, name, path=str(number + 1), disposition="attachment", content_id=content_id)
    )
