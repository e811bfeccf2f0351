"""TXT records from the DNS, with what is absent told apart from what could not be asked."""

from collections.abc import Callable

LOOKUP_SECONDS = 5.0

# Returns the TXT record of a name, None where there is none; raises LookupFailedError.
Lookup = Callable[[str], bytes | None]


class LookupFailedError(OSError):
    """Raised where the DNS did not answer; the same question may be answered later."""


def txt_record(name: str) -> bytes | None:
    """Return the one TXT record of ``name``, None where there is none or more than one."""
    import dns.exception
    import dns.resolver

    try:
        answer = dns.resolver.resolve(name, "TXT", lifetime=LOOKUP_SECONDS, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return None
    except dns.exception.DNSException as error:
        raise LookupFailedError(f"the DNS did not answer for {name}") from error
    records = [b"".join(record.strings) for record in answer]
    return records[0] if len(records) == 1 else None
