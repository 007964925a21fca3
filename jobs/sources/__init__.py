"""One adapter per way in. A source knows console.core and nothing else of the console."""
