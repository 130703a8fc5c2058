"""The book: all documents of one tree in one SQLite file, with what every result has read. Derived, disposable."""
