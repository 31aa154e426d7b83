"""How the web room is put together: settings, addresses, middleware."""
