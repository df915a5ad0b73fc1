"""Takes an order."""
