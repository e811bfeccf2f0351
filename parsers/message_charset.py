"""Text from bytes whose declared character set may be missing, misspelt or wrong."""

import codecs
import re

_ALIASES = {
    "ansi_x3.4-1968": "ascii",
    "ansi": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "euc-cn": "gb18030",
    "gb_2312-80": "gb18030",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859_1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "l1": "cp1252",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "big5": "big5hkscs",
    "macintosh": "mac_roman",
    "x-mac-roman": "mac_roman",
    "mac": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-mac-ce": "mac_latin2",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "x-unknown": "",
    "unknown": "",
    "unknown-8bit": "",
    "default": "",
    "none": "",
    "windows-874": "cp874",
    "windows-31j": "cp932",
    "x-windows-949": "cp949",
}
_SINGLE_BYTE = re.compile(r"(cp125|iso.?8859|cp85|cp437|koi8|latin|mac|cp874)", re.IGNORECASE)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_TEXT_CODECS_ONLY = re.compile(r"^[a-z0-9_.:+-]{1,40}$")


def codec_name(charset: str | None) -> str:
    """Return Python's name of ``charset``, "" where it is unknown or no text codec."""
    name = (charset or "").strip().strip("\"'").lower().rstrip(";").strip()
    name = _ALIASES.get(name, name)
    if name.startswith("windows-"):
        name = "cp" + name[8:]
    elif name.startswith("cp-"):
        name = "cp" + name[3:]
    if not name or not _TEXT_CODECS_ONLY.match(name):
        return ""
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return ""
    return found.name if found._is_text_encoding else ""


def html_charset(data: bytes) -> str | None:
    """Return the charset that an HTML page declares in its first 4 KiB, None if it does not."""
    found = _META.search(data[:4096])
    return found.group(1).decode("ascii", "replace") if found else None


def decode_text(data: bytes, charset: str | None) -> str:
    """Return ``data`` as text, trying what is declared and believing the bytes where it cannot be.

    Never raises; what fits no character set is kept as replacement characters. Bytes that are valid
    multi-byte UTF-8 under a single-byte label are UTF-8: that does not happen by chance.
    """
    if not data:
        return ""
    for bom, codec in _BOMS:
        if data.startswith(bom):
            return data.decode(codec, "replace")
    codec = codec_name(charset)
    if data.isascii() and codec not in ("utf-7", "hz") and not codec.startswith(("iso2022", "utf-16", "utf-32")):
        return data.decode("ascii")
    return _first_that_fits(data, codec)


def _first_that_fits(data: bytes, codec: str) -> str:
    tried = [codec] if codec and codec != "ascii" else []
    if not tried or _SINGLE_BYTE.match(codec):
        tried.insert(0, "utf-8")
    if "utf-8" not in tried and not codec.startswith(("iso2022", "utf-16", "utf-32", "utf-7")):
        tried.append("utf-8")
    for name in tried:
        text = _strictly(data, name)
        if text is not None:
            return text
    return _leniently(data, codec)


def _strictly(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, ValueError):
        return None


def _leniently(data: bytes, codec: str) -> str:
    if codec.startswith(("utf-8", "ascii")) or not codec:
        mended = data.decode("utf-8", "replace")
        wrong = mended.count("\ufffd")
        right = sum(1 for c in mended if c >= "\x80") - wrong
        return mended if right > wrong else _western(data)
    if _SINGLE_BYTE.match(codec):
        return _western(data) if codec == "cp1252" else data.decode(codec, "replace")
    return data.decode(codec, "replace")


def _western(data: bytes) -> str:
    """Windows-1252 as browsers read it: the five undefined bytes become C1 controls."""
    text = _strictly(data, "cp1252")
    if text is not None:
        return text
    return "".join(_strictly(bytes([b]), "cp1252") or chr(b) for b in data)
