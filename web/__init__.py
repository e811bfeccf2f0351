"""The workbench, the pages by token and the JSON API."""
