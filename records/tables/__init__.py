"""All tables; importing this package makes the metadata complete."""

from records.base import Base, Owned, Work
from records.tables.absence import Absence
from records.tables.access import ApiRequest, ApiToken, Grant, LoginFailure, LoginLink, User, WebSession
from records.tables.bank import BankChange, SupplierBank
from records.tables.billing import GoodsReceipt, GoodsReceiptLine, Invoice, InvoiceLine, InvoicePackage
from records.tables.buying import (
    Approval,
    ApprovalToken,
    Budget,
    CatalogItem,
    CatalogNumber,
    CatalogWord,
    CostCenter,
    Person,
    Policy,
    Requisition,
    RequisitionLine,
    ShipTo,
    Supplier,
)
from records.tables.changes import BlanketLine, BlanketOrder, CallOff, ChangeOrder
from records.tables.desk import AuditEntry, ExceptionItem, Waiver
from records.tables.learning import Lesson
from records.tables.mail import Document, Mailbox, Message, Notice, Outbound
from records.tables.master import (
    Account,
    BillTo,
    Contract,
    Drawing,
    ExchangeRate,
    Project,
    SupplierContact,
    SupplierName,
)
from records.tables.orders import (
    DespatchAdvice,
    OrderLine,
    OrderResponse,
    OrderResponseLine,
    OrderRevision,
    PurchaseOrder,
    SupplierLink,
)
from records.tables.organisation import Organisation, TemplateFile
from records.tables.watch import Alarm, Relay
from records.tables.webhooks import Webhook, WebhookDelivery

__all__ = [
    "Absence",
    "Account",
    "Alarm",
    "ApiRequest",
    "ApiToken",
    "Approval",
    "ApprovalToken",
    "AuditEntry",
    "BankChange",
    "Base",
    "BillTo",
    "BlanketLine",
    "BlanketOrder",
    "Budget",
    "CallOff",
    "CatalogItem",
    "CatalogNumber",
    "CatalogWord",
    "ChangeOrder",
    "Contract",
    "CostCenter",
    "DespatchAdvice",
    "Document",
    "Drawing",
    "ExceptionItem",
    "ExchangeRate",
    "GoodsReceipt",
    "GoodsReceiptLine",
    "Grant",
    "Invoice",
    "InvoiceLine",
    "InvoicePackage",
    "Lesson",
    "LoginFailure",
    "LoginLink",
    "Mailbox",
    "Message",
    "Notice",
    "OrderLine",
    "OrderResponse",
    "OrderResponseLine",
    "OrderRevision",
    "Organisation",
    "Outbound",
    "Owned",
    "Person",
    "Policy",
    "Project",
    "PurchaseOrder",
    "Relay",
    "Requisition",
    "RequisitionLine",
    "ShipTo",
    "Supplier",
    "SupplierBank",
    "SupplierContact",
    "SupplierLink",
    "SupplierName",
    "TemplateFile",
    "User",
    "Waiver",
    "WebSession",
    "Webhook",
    "WebhookDelivery",
    "Work",
]
