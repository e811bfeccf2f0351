"""How eight mail programs write an answer: what they put around the words of the writer."""

from collections.abc import Callable

from tests.parsers.test_no_false_approval import ATTRIBUTIONS, BLOCKS

QUOTED = "Hello Olga,\n\nAda needs your decision about the following.\n10 boxes, EUR 80.00\napproved / rejected"
SIGNATURES = {
    "en": "Kind regards\nOlga Owner",
    "de": "Mit freundlichen Grüßen\nOlga Owner",
    "fr": "Cordialement,\nOlga Owner",
    "es": "Un saludo,\nOlga Owner",
    "it": "Cordiali saluti\nOlga Owner",
    "nl": "Met vriendelijke groet,\nOlga Owner",
    "pt": "Com os melhores cumprimentos\nOlga Owner",
    "pl": "Pozdrawiam\nOlga Owner",
}
SENT_FROM = {
    "en": "Sent from my iPhone",
    "de": "Von meinem iPhone gesendet",
    "fr": "Envoyé de mon iPhone",
    "es": "Enviado desde mi iPhone",
    "it": "Inviato da iPhone",
    "nl": "Verstuurd vanaf mijn iPhone",
    "pt": "Enviado do meu iPhone",
    "pl": "Wysłane z iPhone'a",
}
_PLAIN = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
_HTML = "Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"


def _quoted() -> str:
    return "\n".join(f"> {line}" for line in QUOTED.split("\n"))


def _lines(text: str, tag: str = "div") -> str:
    return "".join(f"<{tag}>{line or '<br>'}</{tag}>" for line in text.split("\n"))


def _both(text: str, html: str) -> str:
    head = 'Content-Type: multipart/alternative; boundary="=_b"\n\n'
    return f"{head}--=_b\n{_PLAIN}{text}\n--=_b\n{_HTML}{html}\n--=_b--\n"


def thunderbird(words: str, language: str) -> str:
    return f"{_PLAIN}{words}\n\n{ATTRIBUTIONS[language]}\n{_quoted()}\n\n-- \nOlga Owner\nLaboratory\n"


def gmail(words: str, language: str) -> str:
    said = ATTRIBUTIONS[language].replace("<", "&lt;").replace(">", "&gt;")
    html = (
        f'<div dir="ltr">{_lines(words)}</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" '
        f'class="gmail_attr">{said}<br></div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex">'
        f"{_lines(QUOTED)}</blockquote></div>"
    )
    return _both(f"{words}\n\n{ATTRIBUTIONS[language]}\n\n{_quoted()}\n", html)


def outlook(words: str, language: str) -> str:
    block = BLOCKS[language].replace("<", "&lt;").replace(">", "&gt;").strip().replace("\n", "<br>")
    html = (
        f'<html><body lang="{language}"><div class="WordSection1">{_lines(words, "p")}<p>&nbsp;</p>'
        f'{_lines(SIGNATURES[language], "p")}<div><div style="border:none;border-top:solid #E1E1E1 1.0pt;'
        f'padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal">{block}</p></div></div>{_lines(QUOTED, "p")}</div></body>'
    )
    return _both(f"{words}\n\n{SIGNATURES[language]}\n\n{BLOCKS[language]}\n{QUOTED}\n", html)


def outlook_web(words: str, language: str) -> str:
    block = BLOCKS[language].replace("<", "&lt;").replace(">", "&gt;").strip().replace("\n", "<br>")
    return (
        f'{_HTML}<html><body><div class="elementToProof">{_lines(words)}</div><div id="appendonsend"></div>'
        f'<hr style="display:inline-block;width:98%"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri">{block}'
        f"</font></div><div>{_lines(QUOTED)}</div></body></html>"
    )


def apple_mail(words: str, language: str) -> str:
    html = (
        f'<html><body>{_lines(words)}<br><div><blockquote type="cite"><div>{ATTRIBUTIONS[language].split("<")[0]}'
        f"</div><br><div>{_lines(QUOTED)}</div></blockquote></div></body></html>"
    )
    return _both(f"{words}\n\n> {ATTRIBUTIONS[language]}\n> \n{_quoted()}\n", html)


def iphone(words: str, language: str) -> str:
    return f"{_PLAIN}{words}\n\n{SENT_FROM[language]}\n\n> {ATTRIBUTIONS[language]}\n> \n> \ufeff{_quoted()[2:]}\n"


def notes(words: str, language: str) -> str:
    return f"{_PLAIN}{words}\n\n{SIGNATURES[language]}\n\n\n{BLOCKS[language]}\n\n{QUOTED}\n"


def k9(words: str, language: str) -> str:
    return f"{_PLAIN}{words}\n\n{SIGNATURES[language]}\n\n{ATTRIBUTIONS[language]}\n{_quoted()}\n"


CLIENTS: dict[str, Callable[[str, str], str]] = {
    "Thunderbird": thunderbird,
    "Gmail": gmail,
    "Outlook": outlook,
    "Outlook on the web": outlook_web,
    "Apple Mail": apple_mail,
    "iPhone": iphone,
    "Notes": notes,
    "K-9": k9,
}
