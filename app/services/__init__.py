"""What a worker does, one module per noun, verbs inside. Every verb checks the permission and returns frozen values."""
