"""The pages: one module for each area, each with a ``router``; whoever adds one adds it here."""

from web.routes import (
    account,
    approve,
    details,
    exception,
    exceptions,
    home,
    invoices,
    lists,
    login,
    operations,
    orders,
    papers,
    policy,
    probes,
    reports,
    supplier_page,
)

ROUTERS = (
    home.router,
    login.router,
    account.router,
    exceptions.router,
    exception.router,
    papers.router,
    lists.router,
    details.router,
    orders.router,
    invoices.router,
    policy.router,
    approve.router,
    supplier_page.router,
    reports.router,
    operations.router,
    probes.router,
)
