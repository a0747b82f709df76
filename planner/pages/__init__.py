"""What a reader sees: charts, tables, headlines, workbooks and slides, in two languages."""
