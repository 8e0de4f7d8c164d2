"""What a record is: tables, fields, codelists and the pure rules that belong to them."""
