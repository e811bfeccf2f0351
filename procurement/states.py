"""The allowed moves of every business row, as tables; everything else is refused (design, section 4)."""

from records.flow import Moves

MESSAGE: Moves = {
    "left_on_server": frozenset({"fetched"}),  # too large, or not given; a person releases it
    "fetched": frozenset({"unpacked", "bounce", "automatic", "duplicate", "quarantined"}),
    "bounce": frozenset({"automatic"}),
    "unpacked": frozenset({"read"}),
    "read": frozenset({"matched"}),
    "matched": frozenset({"filed", "read"}),  # corrected: matched anew
}
REQUISITION: Moves = {
    "incomplete": frozenset({"pending_approval", "returned", "rejected", "withdrawn"}),
    "pending_approval": frozenset({"approved", "rejected", "returned", "withdrawn", "incomplete"}),
    "approved": frozenset({"ordered", "cancelled", "pending_approval"}),
    "ordered": frozenset({"closed", "cancelled"}),
    "closed": frozenset({"ordered"}),  # goods went back, or a bill was credited
    "returned": frozenset({"incomplete", "withdrawn"}),
    "withdrawn": frozenset({"incomplete"}),
}
APPROVAL: Moves = {
    "to_ask": frozenset({"asked", "void"}),
    "asked": frozenset({"approved", "rejected", "question", "void"}),
    "question": frozenset({"asked", "approved", "rejected", "void"}),
    "approved": frozenset({"void"}),
    "void": frozenset({"to_ask"}),  # what is wanted became again what it was about
}
ORDER: Moves = {
    "draft": frozenset({"pending_approval", "approved"}),
    "pending_approval": frozenset({"approved", "rejected"}),
    "approved": frozenset({"issued", "cancelled"}),
    "issued": frozenset({"closed", "cancelled"}),
    "closed": frozenset({"issued"}),  # reopened
}
CHANGE_ORDER: Moves = {
    "draft": frozenset({"pending_approval", "approved", "withdrawn"}),
    "pending_approval": frozenset({"approved", "rejected", "withdrawn"}),
    "approved": frozenset({"issued", "draft", "withdrawn"}),  # draft: its approvals lapsed
    "issued": frozenset({"accepted", "refused", "superseded", "forced"}),
}
ORDER_RESPONSE: Moves = {
    "received": frozenset({"applied", "superseded", "refused"}),
    "applied": frozenset({"superseded"}),
}
GOODS_RECEIPT: Moves = {"received": frozenset({"booked", "refused"})}
INVOICE: Moves = {
    "received": frozenset({"matched", "waiting_for_receipt", "disputed", "rejected", "duplicate"}),
    "waiting_for_receipt": frozenset({"matched", "disputed", "rejected"}),
    "disputed": frozenset({"received", "rejected"}),
}
INVOICE_PACKAGE: Moves = {"to_hand_over": frozenset({"handed_over"})}
NOTICE: Moves = {"to_write": frozenset({"written"}), "suppressed": frozenset()}
