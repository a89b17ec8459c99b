"""A scripted transport, a misbehaving endpoint and a pytest plugin, for users and for ourselves."""
