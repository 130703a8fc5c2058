"""Papers and pages from a book: views run, templates filled, files replaced. Joins book and render, like pipeline."""
