"""Why a PDF is not read."""


class PdfRefusedError(ValueError):
    """The PDF is beyond what is read; the message says why."""


class PdfBrokenError(PdfRefusedError):
    """PDFium cannot open the file or one of its pages."""


class PdfEncryptedError(ValueError):
    """The PDF cannot be opened without its password."""
