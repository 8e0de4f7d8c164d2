"""A Document built from records, then PDF, XLSX or CSV."""
