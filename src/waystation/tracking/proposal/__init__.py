"""Proposal: the steps by which the meaning of a file's sheets and columns is told."""
