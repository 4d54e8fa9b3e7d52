package gdbstub

import "errors"

// osData is the document of qXfer:osdata:read: the table of that name, or without a name the table of tables (gdb manual,
// "Operating System Information").
func (d *documents) osData(name string) ([]byte, error) {
	var table OSTable
	if name == "" {
		table = OSTable{Name: "types", Columns: []string{"Type", "Description", "Title"}}
		for _, t := range d.target.OSData.OSTables() {
			table.Rows = append(table.Rows, []string{t.Name, t.Description, t.Title})
		}
	} else {
		var err error
		table, err = d.target.OSData.OSData(name)
		if errors.Is(err, ErrNotFound) {
			return nil, nil // gdb explains an empty document better than an error
		}
		if err != nil {
			return nil, err
		}
	}
	b := []byte("<?xml version=\"1.0\"?>\n<!DOCTYPE osdata SYSTEM \"osdata.dtd\">\n<osdata")
	b = appendAttr(b, "type", table.Name)
	b = append(b, ">\n"...)
	for _, row := range table.Rows {
		b = append(b, "<item>"...)
		for i, cell := range row[:min(len(row), len(table.Columns))] {
			b = append(b, "<column"...)
			b = appendAttr(b, "name", table.Columns[i])
			b = append(b, '>')
			b = appendText(b, cell)
			b = append(b, "</column>"...)
		}
		b = append(b, "</item>\n"...)
	}
	return append(b, "</osdata>\n"...), nil
}
