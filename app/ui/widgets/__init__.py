"""Parts that any screen may use; they know the theme and the language, and no service."""
