"""What a worker does, one module per noun, verbs inside."""
