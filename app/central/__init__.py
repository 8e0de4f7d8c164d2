"""The centre's half of the sync: HTTP API, PostgreSQL store, scope rules, administration."""
