"""The chat on the company's own pages: a launcher, the chat in a frame, and who the page says its visitor is."""
