"""The sample world: two offices, their cases and the journey between them. Imports everything but ui."""
