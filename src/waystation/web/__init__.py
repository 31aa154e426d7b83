"""The web room: remembers, permits and shows what the library computes."""
