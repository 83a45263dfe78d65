"""How a result looks."""
