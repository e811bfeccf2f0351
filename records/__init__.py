"""The ground: database, tables, the step contract, problems, the audit chain, blobs, migrations."""
