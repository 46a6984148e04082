"""From sightings to papers and events: the only SQL in the house."""
