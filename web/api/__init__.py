"""The JSON API under ``/api/v1``: what the pages do, for programs, with tokens, scopes and idempotency keys."""
