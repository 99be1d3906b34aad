"""Which meanings are parts of others: a label often names the whole ("Expiration date") and the name the part (`exp_month`)."""

from fieldwise_common.canonical import about


def is_part_of(canonical: str, whole: str) -> bool:
    """Whether `canonical` is a part of `whole`."""
    is_new_password = (canonical, whole) == ("new-password", "current-password")  # a label says "Password", the name which
    return is_new_password or about(canonical).part_of == whole
