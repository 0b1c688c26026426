"""Presidio in a process of its own: free text is looked at after the message has left, and only reported.

``worker`` is our side: a thread that hands messages over and takes what was found. ``child`` is the other side: the
only process that ever imports presidio and spaCy. ``parcel`` is what travels between them.
"""
