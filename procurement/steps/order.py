"""The step ``order``: an approved requisition becomes one order for each supplier and currency."""

from collections import defaultdict

from sqlalchemy.orm import Session

from procurement.steps.change_request import wake_change
from procurement.steps.signing import is_approved
from records.audit import record
from records.base import utc_now
from records.flow import Done, Outcome
from records.tables import OrderLine, PurchaseOrder, Requisition, RequisitionLine


def order(session: Session, requisition: Requisition) -> Outcome:
    """Write the orders of ``requisition``; where exactly this revision is not approved, approvers are asked again.

    One that stands behind a change order writes none: the change goes on.
    """
    if not is_approved(session, requisition):
        record(session, requisition, "approval_lapsed", "step:order")
        return Done("pending_approval")
    if wake_change(session, requisition, utc_now()):
        return Done("ordered")
    groups: dict[tuple[int, str], list[RequisitionLine]] = defaultdict(list)
    for line in requisition.lines:
        groups[line.supplier_id, line.currency].append(line)
    for (supplier_id, currency), lines in groups.items():
        row = PurchaseOrder(
            organisation_id=requisition.organisation_id,
            state="approved",
            requisition_id=requisition.id,
            supplier_id=supplier_id,
            currency=currency,
            lines=[_line(number, line) for number, line in enumerate(lines, 1)],
        )
        session.add(row)
        session.flush()
        record(session, row, "ordered", "step:order", requisition=requisition.number, lines=len(lines))
    return Done("ordered")


def _line(number: int, line: RequisitionLine) -> OrderLine:
    return OrderLine(
        organisation_id=line.organisation_id,
        line_number=number,
        description=line.description,
        item_number=line.item_number,
        supplier_item_number=line.supplier_item_number,
        quantity=line.quantity,
        unit=line.unit,
        unit_price=line.unit_price,
        tax_rate=line.tax_rate,
        needed_by=line.needed_by,
        category=line.category,
        contract=line.contract,
    )
