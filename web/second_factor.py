"""The second factor: codes of an authenticator app (RFC 6238), and recovery codes that work once."""

import secrets
from datetime import datetime

import pyotp
import segno
from markupsafe import Markup

from records.tables import User
from web.seal import hashed, seal, unseal

RECOVERY_CODES = 10
_STEP = 30  # seconds
_ISSUER = "Buydesk"


def new_secret() -> str:
    """Return a secret for an authenticator app."""
    return pyotp.random_base32()


def picture(secret: str, email: str) -> Markup:
    """Return the QR code of ``secret`` as an SVG element."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=_ISSUER)
    return Markup(segno.make(uri, error="m").svg_inline(scale=5, border=2, svgclass="qr", lineclass=None))


def enrol(user: User, key: bytes, secret: str, code: str, now: datetime) -> list[str] | None:
    """Keep ``secret`` where ``code`` shows that the app has it, and return recovery codes; None where not."""
    step = _step_of(secret, code, now)
    if step is None:
        return None
    codes = [f"{secrets.token_hex(4)}-{secrets.token_hex(4)}" for _ in range(RECOVERY_CODES)]
    user.totp_secret, user.totp_step = seal(key, secret), step
    user.recovery = [hashed(one) for one in codes]
    return codes


def is_proof(user: User, key: bytes, code: str, now: datetime) -> bool:
    """Return whether ``code`` proves ``user``; it is used up by that."""
    secret = unseal(key, user.totp_secret) if user.totp_secret else None
    if secret is None:
        return False
    code = code.strip().replace(" ", "")
    step = _step_of(secret, code, now)
    if step is not None and (user.totp_step is None or step > user.totp_step):
        user.totp_step = step
        return True
    if (mark := hashed(code.lower())) in user.recovery:
        user.recovery = [one for one in user.recovery if one != mark]
        return True
    return False


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """Return the time step whose code this is: the present one, or one beside it."""
    present, totp = int(now.timestamp()) // _STEP, pyotp.TOTP(secret)
    for step in (present, present - 1, present + 1):
        if secrets.compare_digest(totp.generate_otp(step).encode(), code.strip().replace(" ", "").encode()):
            return step
    return None
