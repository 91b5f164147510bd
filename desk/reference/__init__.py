"""Reference data: plain records and versioned definitions, written by the desk alone, each change with an audit row."""
