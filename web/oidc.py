"""Signing in with OpenID Connect: the code flow with state, nonce and PKCE, and an ID token that is proven here.

What is under way stands sealed in a cookie of the browser that began it, so nothing is kept of tries that end
nowhere. Who comes back is found by issuer and subject; the first time by an address that the issuer has verified.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import select
from sqlalchemy.orm import Session

from records.tables import User
from web.place import OpenIdConnect, Place
from web.seal import seal, unseal

CALLBACK = "/login/oidc/callback"
COOKIE = "buydesk-oidc"
LASTS = timedelta(minutes=10)
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
SKEW = 60  # seconds by which clocks may differ
TIMEOUT = 10.0
# What tells that the provider asked for more than a password (RFC 8176).
STRONG = frozenset({"mfa", "otp", "hwk", "swk", "fpt", "face", "sc", "pop"})


class OidcError(Exception):
    """Raised where a sign-in by the provider is not taken; the message is a sentence for who wanted to sign in."""


@dataclass(frozen=True)
class Begun:
    """A sign-in that begins: where the browser goes, and what it keeps until it comes back."""

    address: str
    kept: str


@dataclass(frozen=True)
class Claims:
    """Who the provider says it is; ``strong``: a second factor was shown there."""

    subject: str
    email: str | None
    name: str
    strong: bool


def begin(place: Place, onward: str) -> Begun:
    """Return where to send a browser that wants to sign in with the provider."""
    provider, found = _provider(place), _discovered(_provider(place))
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    with _client(place, provider) as client:
        address, _ = client.create_authorization_url(
            found["authorization_endpoint"],
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
    until = (place.clock() + LASTS).timestamp()
    kept = {"state": state, "nonce": nonce, "verifier": verifier, "onward": onward, "until": until}
    return Begun(address, seal(place.key, json.dumps(kept)))


def finish(place: Place, kept: str | None, state: str, code: str) -> tuple[Claims, str]:
    """Return who came back with ``code`` and where he wanted to go; raises OidcError."""
    provider, begun = _provider(place), json.loads(unseal(place.key, kept or "") or "{}")
    if not code or not begun or begun["until"] < place.clock().timestamp():
        raise OidcError("This sign-in took too long, or began elsewhere. Please begin again.")
    if not secrets.compare_digest(begun["state"].encode(), state.encode()):
        raise OidcError("This sign-in began elsewhere. Please begin again.")
    found = _discovered(provider)
    try:
        with _client(place, provider) as client:
            token = client.fetch_token(found["token_endpoint"], code=code, code_verifier=begun["verifier"])
        keys = KeySet.import_key_set(_json(found["jwks_uri"]))
        claims = jwt.decode(token["id_token"], keys, algorithms=ALGORITHMS).claims
    except (httpx.HTTPError, JoseError, KeyError, ValueError, TypeError) as error:
        raise OidcError("The provider did not confirm who you are. Please begin again.") from error
    _check(claims, provider, begun["nonce"], place)
    return _claims(provider, claims), str(begun["onward"])


def user_of(session: Session, claims: Claims) -> User:
    """Return the user whom the provider names; raises OidcError where nobody here is meant."""
    user = session.scalars(select(User).where(User.subject == claims.subject)).one_or_none()
    if user is None and claims.email is not None:
        user = session.scalars(select(User).where(User.email == claims.email)).one_or_none()
        if user is not None and user.subject is not None:
            raise OidcError("This address belongs to another account of the provider. Ask an administrator.")
        if user is not None:
            user.subject = claims.subject
    if user is None or not user.active:
        raise OidcError("Nobody here has this account. Ask an administrator to add your address.")
    return user


def _check(claims: dict[str, Any], provider: OpenIdConnect, nonce: str, place: Place) -> None:
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    now = place.clock().timestamp()
    expires = claims.get("exp")
    holds = (
        claims.get("iss") == provider.issuer
        and provider.client_id in named
        and (len(named) == 1 or claims.get("azp") == provider.client_id)
        and secrets.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode())
        and isinstance(expires, int | float)
        and expires + SKEW > now
        and isinstance(claims.get("sub"), str)
        and bool(claims["sub"])
    )
    if not holds:
        raise OidcError("The provider's word is not meant for this sign-in. Please begin again.")


def _claims(provider: OpenIdConnect, claims: dict[str, Any]) -> Claims:
    email = claims.get("email") if claims.get("email_verified") is True else None
    methods = claims.get("amr")
    return Claims(
        subject=f"{provider.issuer} {claims['sub']}"[:300],
        email=email.strip().lower() if isinstance(email, str) else None,
        name=str(claims.get("name") or ""),
        strong=isinstance(methods, list) and bool(STRONG & set(map(str, methods))),
    )


def _provider(place: Place) -> OpenIdConnect:
    if place.oidc is None:
        raise OidcError("Signing in with a provider is not set up here.")
    return place.oidc


def _discovered(provider: OpenIdConnect) -> dict[str, Any]:
    """Return what the provider says of itself; every address of it must be as safe as the issuer's."""
    try:
        found: dict[str, Any] = _json(f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
    except (httpx.HTTPError, ValueError) as error:
        raise OidcError("The provider cannot be reached now. Please try again, or sign in with a password.") from error
    wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    if found.get("issuer") != provider.issuer or not all(_is_safe(found.get(name)) for name in wanted):
        raise OidcError("The provider is not set up rightly. Ask an administrator.")
    return found


def _is_safe(address: Any) -> bool:
    if not isinstance(address, str):
        return False
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1"))


def _json(address: str) -> Any:
    answer = httpx.get(address, timeout=TIMEOUT, follow_redirects=False)
    answer.raise_for_status()
    found = answer.json()
    if not isinstance(found, dict):
        raise ValueError(f"{address} does not answer with an object")
    return found


def _client(place: Place, provider: OpenIdConnect) -> Any:
    return OAuth2Client(
        provider.client_id,
        provider.client_secret,
        scope="openid email profile",
        redirect_uri=place.url + CALLBACK,
        timeout=TIMEOUT,
    )
