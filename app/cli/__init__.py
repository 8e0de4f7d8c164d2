"""The same work from the command line, one module per group of commands."""
