"""What tests are built from: servers, a running café, rows of the database, forms of a page."""
