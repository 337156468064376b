"""SNMPv3 with authentication and encryption, by one of two libraries behind one small face (`face`).

The default is `gufo`.
"""
