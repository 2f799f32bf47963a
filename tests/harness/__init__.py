"""The test harness: servers, a running café, factories of database rows, a page's forms, QR codes."""
