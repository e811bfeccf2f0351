"""The pages: one module for each area, each with a ``router``; whoever adds one adds it here."""

from web.routes import account, home, login

ROUTERS = (home.router, login.router, account.router)
