"""How a result looks: tables and charts of finished documents. Nothing is computed here."""
