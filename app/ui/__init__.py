"""What a worker sees: the only package that knows Qt."""
