"""Migration flows between areas, estimated from stocks by birthplace, births and deaths."""
