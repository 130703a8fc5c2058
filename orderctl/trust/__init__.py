"""Trust: commits, signatures, people, statements, evidence. What may land, and who said so."""
