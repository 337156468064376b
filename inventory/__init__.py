"""What is had: the model of a city, the loader, the checks, and the cities themselves.

`loader.load_city` is the door; `model` holds the types. This room imports no other.
"""
